package main

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
)

func TestEverySecondForEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		start := time.Now()
		server := socketstest.NewServer(t, app(ctx))
		viewers := []*websocket.Conn{dial(t, server), dial(t, server)}
		for second := range 3 {
			for i, viewer := range viewers {
				var got Numbers
				err := viewer.ReadJSON(&got)
				if err != nil || got.Viewers != 2 || got.Goroutines == 0 || got.Bytes == 0 {
					t.Errorf("viewer %d, second %d: %+v, %v", i, second, got, err)
				}
			}
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("three numbers took %v, want 3s", took)
		}
	})
}

// A page that says something, which it need not, is heard when it leaves.
func TestViewerWhoTalks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		server := socketstest.NewServer(t, app(ctx))
		talker, viewer := dial(t, server), dial(t, server)
		for range 100 {
			talker.WriteMessage(websocket.TextMessage, []byte("anybody?"))
		}
		goodbye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
		talker.WriteMessage(websocket.CloseMessage, goodbye)
		var got Numbers
		if err := viewer.ReadJSON(&got); err != nil || got.Viewers != 1 {
			t.Errorf("after one of two has left: %+v, %v, want 1 viewer", got, err)
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
	ctx, cancel := context.WithCancel(t.Context())
	apptest.Unhurt(t, apptest.Program{
		Serve: func(t *testing.T) http.Handler { t.Cleanup(cancel); return app(ctx) },
	})
}
