package sockets_test

import (
	"testing"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

type message struct {
	Text string
}

func TestSmoke(t *testing.T) {
	m := martini.Classic()
	m.Get("/ws", sockets.JSON(message{}), func(receiver <-chan *message, sender chan<- *message, done <-chan bool, disconnect chan<- int, errs <-chan error) (int, string) {
		for {
			select {
			case msg := <-receiver:
				sender <- msg
			case <-done:
				return 200, "OK"
			case err := <-errs:
				t.Log(err)
			}
		}
	})
	c := socketstest.Dial(t, m, "/ws")
	for range 3 {
		if err := c.WriteJSON(message{"hello"}); err != nil {
			t.Fatal(err)
		}
		_, p, err := c.ReadMessage()
		t.Logf("%q %v", p, err)
	}
	c.WriteMessage(websocket.TextMessage, []byte(`{"Text":1}`))
	_, p, err := c.ReadMessage()
	t.Logf("%q %v", p, err)
}
