package sockets_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

func ExampleHandleJSON() {
	type Message struct {
		Text string `json:"text"`
	}
	shout := func(r *http.Request, c sockets.Channels[*Message]) {
		for {
			select {
			case m := <-c.Receiver:
				m.Text = strings.ToUpper(m.Text)
				c.Sender <- m
				c.Close(4000, "enough")
			case <-c.Done:
				return
			}
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/", sockets.HandleJSON(shout, &sockets.Options{SkipLogging: true}))

	talk(mux, `{"text":"hello"}`)
	// Output:
	// {"text":"HELLO"}
	// websocket: close 4000: enough
}

// Contract 2.5: a kind of each type of messages. All that Martini injects is in Channels.
func TestHandle(t *testing.T) {
	for _, test := range []struct {
		name       string
		handler    http.Handler
		frame      int
		sent, want string
	}{
		{"JSON", sockets.HandleJSON(reply[*text], apptest.Silent()),
			websocket.TextMessage, `{"Text":"<a>"}`, `{"Text":"<a>"}`},
		{"JSON of any type", sockets.HandleJSON(reply[*any], apptest.Silent()),
			websocket.TextMessage, `[1, null]`, `[1,null]`},
		{"JSON of pointers", sockets.HandleJSON(reply[**text], apptest.Silent()),
			websocket.TextMessage, `null`, `null`},
		{"JSON of strings", sockets.HandleJSON(reply[*string], apptest.Silent()),
			websocket.TextMessage, `"a"`, `"a"`},
		{"text", sockets.HandleText(reply[string], nil), websocket.TextMessage, "ä", "ä"},
		{"bytes", sockets.HandleBytes(reply[[]byte], apptest.Silent()),
			websocket.BinaryMessage, "\xff", "\xff"},
	} {
		apptest.Bubble(t, test.name, func(t *testing.T) {
			client := socketstest.Dial(t, test.handler, "/ws?room=lobby")
			client.WriteMessage(test.frame, []byte(test.sent))
			frame, got, err := client.ReadMessage()
			if frame != test.frame || string(got) != test.want || err != nil {
				t.Errorf("ReadMessage() = %d, %q, %v, want %d, %q", frame, got, err,
					test.frame, test.want)
			}
			frame, got, _ = client.ReadMessage()
			if want := "192.0.2.2:1 / lobby"; string(got) != want {
				t.Errorf("prepared = %d, %q, want %q", frame, got, want)
			}
			if _, end := apptest.All(client); apptest.CloseCode(end) != 4000 {
				t.Errorf("end = %v, want 4000", end)
			}
		})
	}
}

// reply uses all channels: it sends back one message, says where it was sent, and ends the
// connection.
func reply[M any](r *http.Request, c sockets.Channels[M]) {
	c.Sender <- <-c.Receiver
	time.Sleep(time.Millisecond) // the order of the two channels is not kept
	where := fmt.Sprint(c.RemoteAddr(), " ", "/", " ", r.FormValue("room"))
	p, _ := sockets.PrepareText(where)
	c.Prepared <- p
	c.Disconnect <- 4000
	<-c.Context.Done()
	if context.Cause(c.Context) == nil || !<-c.Done || <-c.Errors != nil {
		panic("no cause, no done, or an error")
	}
}

// Contract 1.6, 2.5: mistakes panic when the handler is made.
func TestHandleMisuse(t *testing.T) {
	for _, test := range []struct {
		name string
		make func()
		want string
	}{
		{"JSON, nil", func() { sockets.HandleJSON[text](nil, nil) },
			"sockets: Handle (nil): give a function"},
		{"text, nil", func() { sockets.HandleText(nil, nil) }, "sockets: Handle (nil)"},
		{"bytes, nil", func() { sockets.HandleBytes(nil, nil) }, "sockets: Handle (nil)"},
		{"type", func() { sockets.HandleJSON(reply[*chan int], nil) },
			"sockets: JSON chan int: encoding/json cannot fill a value of type chan int"},
		{"options", func() {
			sockets.HandleText(reply[string], &sockets.Options{AllowedOrigin: "("})
		}, "sockets: AllowedOrigin"},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, test.want) {
					t.Errorf("panic = %q, want %q", got, test.want)
				}
			}()
			test.make()
		})
	}
}

// Contract 3.7: a panic closes with 1011 and goes on to the middleware around the handler.
func TestHandlePanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failure, causes := errors.New("oops"), make(chan error, 1)
		h := sockets.HandleText(func(_ *http.Request, c sockets.Channels[string]) {
			go func() { <-c.Context.Done(); causes <- context.Cause(c.Context) }()
			panic(failure)
		}, apptest.Silent())
		recovered := make(chan any, 1)
		around := func(w http.ResponseWriter, r *http.Request) {
			defer func() { recovered <- recover() }()
			h.ServeHTTP(w, r)
		}
		client := socketstest.Dial(t, http.HandlerFunc(around), "/ws")

		_, end := apptest.All(client)

		cause := <-causes
		if apptest.CloseCode(end) != 1011 || <-recovered != failure ||
			cause.Error() != "sockets: the handler panicked: oops" {
			t.Errorf("end = %v, cause %v, want 1011 and the panic", end, cause)
		}
	})
}

// Contract 2.5: rooms take the channels, and the Connection gives a removal its reason.
func TestHandleInRooms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := rooms.New[*text](nil)
		h := sockets.HandleJSON(func(r *http.Request, c sockets.Channels[*text]) {
			me, err := chat.Join(r.FormValue("room"), c.Sender, c.Disconnect, c.Connection)
			if err != nil {
				t.Errorf("Join() = %v, want nil", err)
				return
			}
			defer me.Leave()
			for {
				select {
				case m := <-c.Receiver:
					me.Broadcast(m)
				case <-c.Done:
					return
				}
			}
		}, apptest.Silent())
		server := socketstest.NewServer(t, h)
		here, there := apptest.Dial(t, server, "/?room=a"), apptest.Dial(t, server, "/?room=a")
		synctest.Wait()

		here.WriteMessage(websocket.TextMessage, []byte(`{"Text":"hello"}`))

		for _, client := range []*websocket.Conn{here, there} {
			if _, got, err := client.ReadMessage(); string(got) != `{"Text":"hello"}` {
				t.Errorf("ReadMessage() = %q, %v, want the broadcast", got, err)
			}
		}
	})
}

// Contract 2.5: the handler serves any request that a router gives it, and refuses what is
// no handshake.
func TestHandleRefuses(t *testing.T) {
	ran := false
	h := sockets.HandleText(func(*http.Request, sockets.Channels[string]) { ran = true },
		apptest.Silent())
	server := socketstest.NewServer(t, h)
	for origin, status := range map[string]int{"http://evil.com": 403, "": 403} {
		header := http.Header{"Origin": {origin}}
		_, resp, err := server.Dial("/any/path", header)
		if err == nil || resp.StatusCode != status || ran {
			t.Errorf("origin %q: status %v, a handler ran %v, want %d, false", origin, resp,
				ran, status)
		}
	}
}
