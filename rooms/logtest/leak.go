package logtest

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// testLeaks: many rooms are followed, used and not followed any more. Neither goroutines
// nor memory stay. A log may keep a few; one for each room is too much.
func testLeaks(t *testing.T, s Store) {
	const cycles, kept = 500, 250
	l := s.Connect(t)
	cycle(t, l, "warm up", nil)
	goroutines := runtime.NumGoroutine()
	var freed atomic.Int64
	for i := range cycles {
		cycle(t, l, fmt.Sprint(i), &freed)
	}
	eventually(t, "goroutines leak: there is one more for each Follow, Unfollow or Append",
		func() bool { return runtime.NumGoroutine() < goroutines+kept })
	eventually(t, "memory leaks: the log holds receive after Unfollow", func() bool {
		runtime.GC()
		return freed.Load() > cycles-kept
	})
	runtime.KeepAlive(l)
}

// cycle follows a room and appends to it. It counts when the garbage collector has freed
// what receive refers to.
func cycle(t *testing.T, l rooms.Log, room string, freed *atomic.Int64) {
	told := make(chan struct{}, 100)
	payload := new([64]byte)
	if freed != nil {
		runtime.AddCleanup(payload, func(n *atomic.Int64) { n.Add(1) }, freed)
	}
	_, err := l.Follow(soon(t), room, func(rooms.News) {
		payload[0]++
		told <- struct{}{}
	})
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	appendTo(t, l, room, "x", "x")
	select {
	case <-told:
	case <-time.After(patience):
		t.Fatalf("nothing is told of %.20q, want an entry", room)
	}
	if err := l.Unfollow(room); err != nil {
		t.Errorf("Unfollow = %v, want no error", err)
	}
}
