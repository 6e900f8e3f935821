package main

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
)

func TestEverybodyHears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := socketstest.NewServer(t, app(time.Minute))
		one, two := dial(t, server), dial(t, server)
		synctest.Wait() // both have joined
		one.WriteMessage(websocket.TextMessage, []byte("hello"))
		for _, client := range []*websocket.Conn{one, two} {
			if _, got, err := client.ReadMessage(); err != nil || string(got) != "hello" {
				t.Errorf("ReadMessage() = %q, %v, want hello", got, err)
			}
		}
		if _, _, err := two.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
			t.Errorf("after a minute: %v, want close 1000", err)
		}
	})
}

func dial(t *testing.T, s *socketstest.Server) *websocket.Conn {
	t.Helper()
	client, _, err := s.Dial("/socket", nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestNobodyIsHurt(t *testing.T) {
	apptest.Unhurt(t, apptest.Program{
		Serve: func(*testing.T) http.Handler { return app(time.Hour) },
		Say:   func(text string) any { return text },
	})
}
