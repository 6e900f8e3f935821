package e2e

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
)

// A large message costs memory of its own size, once. JSON costs less, because
// it is read into pooled memory.
func TestBytesOfALargeMessage(t *testing.T) {
	if raceEnabled {
		t.Skip("sync.Pool drops at random under the race detector")
	}
	const size, n = 60_000, 50
	spaces := strings.Repeat(" ", size-2) + "{}"
	for _, test := range []struct {
		name    string
		bind    martini.Handler
		handler any
		most    uint64
	}{
		{"strings", apptest.Text(apptest.Silent()), counts[string], size * 3 / 2},
		{"slices", apptest.Bytes(apptest.Silent()), counts[[]byte],
			size * 3 / 2},
		{"JSON", apptest.JSON(struct{}{}, apptest.Silent()), counts[*struct{}], size / 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := wstest.NewServer(t,
				apptest.App(test.bind, test.handler)).Dial("/ws", nil)
			frame := wstest.Bytes(wstest.Text(spaces))
			send := func() {
				client.SendBytes(frame)
				client.SendBytes(pingBytes)
				client.ReadFrame()
			}
			send()
			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range n {
				send()
			}
			runtime.ReadMemStats(&after)

			if got := (after.TotalAlloc - before.TotalAlloc) / n; got > test.most {
				t.Errorf("a message of %d bytes cost %d, want at most %d", size, got,
					test.most)
			}
		})
	}
}

var pingBytes = bytes.Clone(wstest.Bytes(wstest.Ping("")))

// counts is a handler that takes messages until done.
func counts[M any](receiver <-chan M, done <-chan bool) {
	for {
		select {
		case <-receiver:
		case <-done:
			return
		}
	}
}
