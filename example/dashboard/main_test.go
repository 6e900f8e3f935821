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

var names = []string{"viewers", "goroutines", "bytes"}

// Who comes sees all values at once, and then new ones every second.
func TestValuesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		server := socketstest.NewServer(t, app(ctx))
		time.Sleep(1500 * time.Millisecond)
		start := time.Now()
		for range 2 { // also when nobody has looked before
			viewer := dial(t, server)
			values(t, viewer)
			if took := time.Since(start); took != 0 {
				t.Errorf("the first values took %v, want 0", took)
			}
			defer viewer.Close()
		}
		viewer := dial(t, server)
		values(t, viewer)
		for second := range 3 {
			got := values(t, viewer)
			if got["viewers"] != 3 || got["goroutines"] == 0 || got["bytes"] == 0 {
				t.Errorf("second %d: %v, want three viewers, and more than none", second, got)
			}
		}
		if took := time.Since(start); took != 2500*time.Millisecond {
			t.Errorf("three more took %v, want 2.5s", took)
		}
	})
}

// values reads one of each.
func values(t *testing.T, viewer *websocket.Conn) map[string]uint64 {
	t.Helper()
	got := make(map[string]uint64)
	for _, name := range names {
		var v Value
		if err := viewer.ReadJSON(&v); err != nil || v.Name != name {
			t.Fatalf("got %+v, %v, want %s", v, err, name)
		}
		got[name] = v.Value
	}
	return got
}

// A page that says something is heard when it leaves.
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
		values(t, viewer)
		if got := values(t, viewer); got["viewers"] != 1 {
			t.Errorf("after one of two has left: %+v, want 1 viewer", got)
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
		Path:  func(_, _ string) string { return "/socket" },
	})
}
