package logtest

import (
	"runtime"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

// testLeaks: many rooms are followed, used and unfollowed. Neither goroutines nor memory
// stay.
func testLeaks(t *testing.T, s Store) {
	l := s.Connect(t)
	suite.Leaks(t, patience, "the log", 250, func(room string, touch func()) {
		cycle(t, l, room, touch)
	})
	runtime.KeepAlive(l)
}

// cycle follows a room, appends to it, and unfollows it.
func cycle(t *testing.T, l rooms.Log, room string, touch func()) {
	t.Helper()
	told := make(chan struct{}, 100)
	_, err := l.Follow(soon(t), room, func(rooms.News) {
		touch()
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
