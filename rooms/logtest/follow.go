package logtest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

func testFollow(t *testing.T, s Store) {
	l := s.Connect(t)
	if err := l.Unfollow("room"); err != nil {
		t.Errorf("Unfollow(never followed) = %v, want no error", err)
	}
	all := fill(t, l, "room", 3)
	tail := follow(t, l, "room")
	if tail.at != all[2].Place {
		t.Errorf("Follow = %v, want %v, the last", tail.at, all[2].Place)
	}
	appendTo(t, l, "room", "new", "new")
	tail.want(t, "new")
	if err := l.Unfollow("room"); err != nil {
		t.Errorf("Unfollow = %v, want no error", err)
	}
	missed := appendTo(t, l, "room", "missed", "missed")
	other := follow(t, l, "other")
	appendTo(t, l, "other", "new", "new")
	other.want(t, "new")
	again := follow(t, l, "room")
	if again.at != missed {
		t.Errorf("Follow again = %v, want %v, the last", again.at, missed)
	}
	appendTo(t, l, "room", "back", "back")
	again.want(t, "back")
	if len(tail.news) > 0 {
		t.Errorf("told %v after Unfollow, want nothing", <-tail.news)
	}
	wantRead(t, l, "room", tail.at, true, []rooms.Entry{
		{Place: missed, Data: []byte("missed")}, {Place: again.at, Data: []byte("back")}})
}

// testFollowTwice: two Rooms on one log must not go unnoticed, and must not harm the
// first.
func testFollowTwice(t *testing.T, s Store) {
	l := s.Connect(t)
	tail := follow(t, l, "room")
	if _, err := l.Follow(soon(t), "room", func(rooms.News) {}); err == nil {
		t.Error("second Follow = no error, want one")
	}
	appendTo(t, l, "room", "1", "once")
	tail.want(t, "once")
}

// testChurn: rooms are followed again and again, while others append. The entries up to
// the place that Follow returned, and those that receive gets, are all entries.
func testChurn(t *testing.T, s Store) {
	l := s.Connect(t)
	fill(t, l, "room", 1)
	stop := make(chan struct{})
	var publisher sync.WaitGroup
	publisher.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Microsecond):
				l.Append(soon(t), "room", fmt.Sprint("noise", i), []byte("noise"))
			}
		}
	})
	for round := range 30 {
		tail := follow(t, l, "room")
		start := tail.at
		end := fmt.Sprint("end ", round)
		appendTo(t, l, "room", end, end)
		var got []rooms.Entry
		for len(got) == 0 || string(got[len(got)-1].Data) != end {
			got = append(got, tail.next(t))
		}
		all, whole := read(t, l, "room", start)
		if !whole || !same(got, all[:min(len(got), len(all))]) {
			t.Fatalf("followed %s, whole %v, want %s", texts(got), whole, texts(all))
		}
		if err := l.Unfollow("room"); err != nil {
			t.Errorf("Unfollow = %v, want no error", err)
		}
	}
	close(stop)
	publisher.Wait()
}

// testReentrance: a hook that receive calls may leave the room, join another, or speak.
func testReentrance(t *testing.T, s Store) {
	l := s.Connect(t)
	answers := follow(t, l, "answers")
	done := make(chan error, 5)
	var once sync.Once
	_, err := l.Follow(soon(t), "room", func(rooms.News) {
		once.Do(func() {
			_, err := l.Append(soon(t), "room", "again", []byte("again"))
			done <- err
			done <- l.Unfollow("room")
			_, err = l.Follow(soon(t), "another", func(rooms.News) {})
			done <- err
			_, err = l.Read(soon(t), "room", rooms.Place{})
			done <- err
			_, err = l.Append(soon(t), "answers", "answer", []byte("answer"))
			done <- err
		})
	})
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	appendTo(t, l, "room", "question", "question")
	suite.Reentrant(t, patience, done)
	answers.want(t, "answer")
}
