package sockets_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
	"github.com/gorilla/websocket"
)

// This chat remembers. Each message is encoded once for all clients of a
// process, in an envelope with its position. A client that comes back asks for
// the messages after a position.
func ExamplePrepared_Bytes() {
	type Message struct {
		Text string `json:"text"`
	}
	type Envelope struct {
		At      string          `json:"at"`
		Message json.RawMessage `json:"message"`
	}
	chat := rooms.NewOnLog(memlog.New(50, 10*time.Minute), &rooms.Options[*sockets.Prepared]{
		Stamp: func(said *sockets.Prepared, position string) *sockets.Prepared {
			envelope, err := sockets.PrepareJSON(Envelope{position, said.Bytes()})
			if err != nil {
				panic(err) // it is no JSON: the room skips it and reports it to OnError
			}
			return envelope
		},
	})
	handle := func(
		r *http.Request, receiver <-chan *Message, prepared chan<- *sockets.Prepared,
		done <-chan bool, disconnect chan<- int,
	) {
		after := r.FormValue("after")
		me, missed, err := chat.JoinAfter("lobby", after, prepared, disconnect, nil)
		if err != nil {
			disconnect <- 1013
			return
		}
		defer me.Leave()
		for _, said := range missed.Messages {
			prepared <- said.Value
		}
		me.Start()
		for {
			select {
			case message := <-receiver:
				p, err := sockets.PrepareJSON(message)
				if err == nil {
					_, err = me.Say(r.Context(), "", p)
				}
				if err != nil {
					disconnect <- websocket.ClosePolicyViolation // nobody got it
				}
			case <-done:
				return
			}
		}
	}
	h := route(sockets.JSON(Message{}, &sockets.Options{SkipLogging: true}), handle)

	heard := visit(h, "/", 2, "hello", "is anybody here?")
	var seen, missed Envelope
	json.Unmarshal(heard[0], &seen) // then the client was cut off
	json.Unmarshal(visit(h, "/?after="+seen.At, 1)[0], &missed)
	fmt.Printf("%s, and after that %s\n", seen.Message, missed.Message)
	// Output:
	// {"text":"hello"}, and after that {"text":"is anybody here?"}
}

// visit is a client that sends messages and returns the first n that it receives.
func visit(h http.Handler, path string, n int, say ...string) [][]byte {
	server := httptest.NewServer(h)
	defer server.Close()
	url := "ws" + strings.TrimPrefix(server.URL, "http") + path
	header := http.Header{"Origin": {server.URL}}
	client, _, err := websocket.DefaultDialer.Dial(url, header)
	if err != nil {
		fmt.Println(err)
		return make([][]byte, n)
	}
	defer client.Close()
	for _, text := range say {
		client.WriteJSON(map[string]string{"text": text})
	}
	heard := make([][]byte, n)
	for i := range heard {
		if _, heard[i], err = client.ReadMessage(); err != nil {
			fmt.Println(err)
		}
	}
	return heard
}
