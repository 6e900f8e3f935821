package sockets_test

import (
	"context"
	"expvar"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// talk is the client of the examples. It connects to h, sends messages, and
// prints what it receives until the connection is closed.
func talk(h http.Handler, say ...string) {
	server := httptest.NewServer(h)
	defer server.Close()
	url := "ws" + strings.TrimPrefix(server.URL, "http")
	header := http.Header{"Origin": {server.URL}}
	client, _, err := websocket.DefaultDialer.Dial(url, header)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	for _, s := range say {
		client.WriteMessage(websocket.TextMessage, []byte(s))
	}
	for {
		_, p, err := client.ReadMessage()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s\n", p)
	}
}

// route returns a Martini with the handlers at its root.
func route(handlers ...martini.Handler) http.Handler {
	r := martini.NewRouter()
	r.Get("/", handlers...)
	m := martini.New()
	m.Action(r.Handle)
	return m
}

func ExampleJSON() {
	type Message struct {
		Text string `json:"text"`
	}
	h := route(sockets.JSON(Message{}, &sockets.Options{SkipLogging: true}),
		func(receiver <-chan *Message, sender chan<- *Message, done <-chan bool) {
			for {
				select {
				case msg := <-receiver:
					if msg.Text == "bye" {
						return // what was sent goes out, then the connection closes
					}
					msg.Text = strings.ToUpper(msg.Text)
					sender <- msg
				case <-done:
					return
				}
			}
		})
	talk(h, `{"text":"hello"}`, `{"text":"bye"}`)
	// Output:
	// {"text":"HELLO"}
	// websocket: close 1000 (normal)
}

func ExampleMessages() {
	h := route(sockets.Messages(&sockets.Options{SkipLogging: true}),
		func(receiver <-chan string, sender chan<- string, disconnect chan<- int) {
			sender <- "you said " + <-receiver
			disconnect <- websocket.CloseGoingAway
		})
	talk(h, "hello")
	// Output:
	// you said hello
	// websocket: close 1001 (going away)
}

func ExampleByteSliceMessages() {
	h := route(sockets.ByteSliceMessages(&sockets.Options{SkipLogging: true}),
		func(receiver <-chan []byte, sender chan<- []byte) {
			sender <- append(<-receiver, '!')
		})
	talk(h, "hello")
	// Output:
	// hello!
	// websocket: close 1000 (normal)
}

func ExampleConnection_Close() {
	h := route(sockets.Messages(&sockets.Options{SkipLogging: true}),
		func(receiver <-chan string, connection *sockets.Connection, done <-chan bool) {
			if <-receiver != "password" {
				connection.Close(websocket.ClosePolicyViolation, "wrong password")
			}
			<-done
		})
	talk(h, "let me in")
	// Output:
	// websocket: close 1008 (policy violation): wrong password
}

// Clients that are no browsers send no Origin. This pattern lets them in, along
// with pages of the same host.
func ExampleOptions() {
	options := &sockets.Options{
		AllowedOrigin:  `^(https?://{{host}})?$`,
		PongWait:       30 * time.Second,
		MaxMessageSize: 4096,
		SkipLogging:    true,
	}
	talk(route(sockets.Messages(options),
		func(sender chan<- string) { sender <- "welcome" }))
	// Output:
	// welcome
	// websocket: close 1000 (normal)
}

func ExampleGroup_Shutdown() {
	var group sockets.Group
	h := route(sockets.Messages(&sockets.Options{Group: &group, SkipLogging: true}),
		func(sender chan<- string, done <-chan bool) {
			sender <- "until later"
			go group.Shutdown(context.Background()) // as a server does at SIGTERM
			<-done
		})
	talk(h)
	// Output:
	// until later
	// websocket: close 1001 (going away)
}

// A metrics system, here expvar, reads the counts whenever it wants. For
// Prometheus, return the same numbers from a Collector's Collect: Refused and
// Ended as counters with their keys as labels, and Open as a gauge.
func ExampleGroup_Stats() {
	var group sockets.Group
	expvar.Publish("websockets", expvar.Func(func() any {
		s := group.Stats()
		ended := map[string]int64{}
		for end, n := range s.Ended {
			ended[fmt.Sprint(end.By, " ", end.Code)] = n
		}
		return map[string]any{"open": s.Open, "messages in": s.MessagesIn, "ended": ended}
	}))
	h := route(sockets.Messages(&sockets.Options{Group: &group, SkipLogging: true}),
		func(receiver <-chan string, sender chan<- string) { sender <- <-receiver })

	talk(h, "hello")
	group.Shutdown(context.Background()) // all handlers have returned
	fmt.Println(expvar.Get("websockets"))
	// Output:
	// hello
	// websocket: close 1000 (normal)
	// {"ended":{"handler 1000":1},"messages in":1,"open":0}
}

// One message is encoded once, for any number of connections.
func ExamplePrepareJSON() {
	type Price struct{ Cents int }
	price, err := sockets.PrepareJSON(Price{199})
	if err != nil {
		log.Fatal(err)
	}
	h := route(sockets.JSON(Price{}, &sockets.Options{SkipLogging: true}),
		func(prepared chan<- *sockets.Prepared) { prepared <- price })

	talk(h)
	talk(h)
	// Output:
	// {"Cents":199}
	// websocket: close 1000 (normal)
	// {"Cents":199}
	// websocket: close 1000 (normal)
}

// A Martini without routes is an http.Handler. It works in net/http's ServeMux, as
// here, and in chi, gin, Macaron and other routers.
func ExampleMessages_netHTTP() {
	handler := func(receiver <-chan string, sender chan<- string) {
		sender <- "you said " + <-receiver
	}
	m := martini.New()
	m.Use(sockets.Messages(&sockets.Options{SkipLogging: true}))
	m.Action(handler)
	mux := http.NewServeMux()
	mux.Handle("/", m)

	talk(mux, "hello")
	// Output:
	// you said hello
	// websocket: close 1000 (normal)
}
