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

// Who comes sees all values at once, and then new ones every second. Who says something
// is heard when it leaves.
func TestValuesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := socketstest.NewServer(t, app(t.Context()))
		time.Sleep(1500 * time.Millisecond)
		start := time.Now()
		viewer := apptest.Dial(t, server, "/socket") // when nobody has looked before
		talker := apptest.Dial(t, server, "/socket")
		for _, v := range []*websocket.Conn{viewer, talker} {
			values(t, v)
		}
		if took := time.Since(start); took != 0 {
			t.Errorf("the first values took %v, want 0", took)
		}
		for range 100 {
			talker.WriteMessage(websocket.TextMessage, []byte("anybody?"))
		}
		goodbye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
		for second, viewers := range []uint64{2, 1, 1} {
			got := values(t, viewer)
			if got["viewers"] != viewers || got["goroutines"] == 0 || got["bytes"] == 0 {
				t.Errorf("second %d: %v, want %d viewers, and more than none", second, got, viewers)
			}
			talker.WriteMessage(websocket.CloseMessage, goodbye)
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
	for _, name := range []string{"viewers", "goroutines", "bytes"} {
		var v Value
		if err := viewer.ReadJSON(&v); err != nil || v.Name != name {
			t.Fatalf("got %+v, %v, want %s", v, err, name)
		}
		got[name] = v.Value
	}
	return got
}

func TestNobodyIsHurt(t *testing.T) {
	apptest.Unhurt(t, apptest.Program{
		Serve: func(t *testing.T) http.Handler { return app(t.Context()) },
		Path:  func(_, _ string) string { return "/socket" },
		Limit: 64 << 10,
	})
}
