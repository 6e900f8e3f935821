package logtest

import (
	"fmt"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// testOutage: while the store is away appending fails; afterwards all that was
// acknowledged is there, once, and followers get it.
func testOutage(t *testing.T, s Store) {
	l := s.Connect(t)
	tail := follow(t, l, "room")
	start := tail.at
	acknowledged := make(map[rooms.Place]string)
	n := 0
	say := func() error {
		n++
		data := fmt.Sprint(n)
		place, err := l.Append(soon(t), "room", data, []byte(data))
		if err == nil {
			acknowledged[place] = data
		}
		return err
	}
	for range 2 {
		if err := say(); err != nil {
			t.Fatalf("Append = %v, want no error", err)
		}
		s.Stop(t)
		eventually(t, "Append returns an error while the store is away", func() bool {
			return say() != nil
		})
		s.Start(t)
		eventually(t, "Append works again", func() bool { return say() == nil })
		eventually(t, "the follower is told of the outage, with its error", tail.toldError)
	}
	last := fmt.Sprint(n)
	var followed []rooms.Entry
	for len(followed) == 0 || string(followed[len(followed)-1].Data) != last {
		followed = append(followed, tail.next(t))
	}
	all, _ := read(t, l, "room", start)
	if !same(followed, all) {
		t.Errorf("followed %s, want %s as read", texts(followed), texts(all))
	}
	seen := make(map[string]int)
	for _, e := range all {
		seen[string(e.Data)]++
		if want, ok := acknowledged[e.Place]; ok && want != string(e.Data) {
			t.Errorf("%v is %q, want %q as acknowledged", e.Place, e.Data, want)
		}
	}
	for _, data := range acknowledged {
		if seen[data] != 1 {
			t.Errorf("%q is there %d times, want once: it was acknowledged", data, seen[data])
		}
	}
}

// testRewind: a log that comes back in an earlier state gives its numbers again. Whoever
// has seen what it lost is never told that nothing is missing.
func testRewind(t *testing.T, s Store) {
	l := s.Connect(t)
	all := fill(t, l, "room", 3)
	kept := all[2].Place
	rewind := s.Snapshot(t)
	appendAgain(t, l, "room", "seen")
	lost := fill(t, l, "room", 6)[3:] // the ids of the first are known
	tail := follow(t, l, "room")
	rewind(t)
	for i := range 6 {
		all = append(all, appendAgain(t, l, "room", fmt.Sprint("new", i)))
		for _, e := range lost {
			wantRead(t, l, "room", e.Place, false, all)
		}
		wantRead(t, l, "room", kept, true, all[3:])
	}
	for len(tail.news) > 0 {
		if n := <-tail.news; n.Seq != 0 && n.Prev == tail.at {
			t.Errorf("%q comes after an entry that is lost", n.Data)
		}
	}
}

// testLost: no place of the old log is taken for one of the new.
func testLost(t *testing.T, s Store) {
	l := s.Connect(t)
	old := fill(t, l, "room", 5)
	s.Lose(t)
	appendAgain(t, l, "room", "new")
	all, _ := read(t, l, "room", rooms.Place{})
	if len(all) != 1 || string(all[0].Data) != "new" {
		t.Fatalf("the new log has %s, want new", texts(all))
	}
	for range 2 {
		for _, e := range old {
			wantRead(t, l, "room", e.Place, false, all)
		}
		// The same ids at the same numbers.
		all = append(all, fill(t, l, "room", 5)...)
	}
}

// testEmptied: a room is empty before and after the store lost everything. Its two ends
// are different places.
func testEmptied(t *testing.T, s Store) {
	l := s.Connect(t)
	before := follow(t, l, "room").at
	if err := l.Unfollow("room"); err != nil {
		t.Fatalf("Unfollow = %v, want no error", err)
	}
	appendTo(t, l, "room", "id", "lost")
	s.Lose(t)
	var after rooms.Place
	eventually(t, "the new log can be followed", func() (ok bool) {
		var err error
		after, err = l.Follow(soon(t), "room", func(rooms.News) {})
		return err == nil
	})
	if after == before {
		t.Errorf("Follow = %v, as before all was lost, want another place", after)
	}
	wantRead(t, l, "room", before, false, nil)
}

// testLostFollowed: a follower must hear that the log is new, and must not go on as if
// nothing had happened.
func testLostFollowed(t *testing.T, s Store) {
	l := s.Connect(t)
	tail := follow(t, l, "room")
	for i := range 3 {
		appendTo(t, l, "room", fmt.Sprint("old", i), "old")
		tail.want(t, "old")
	}
	s.Lose(t)
	appendAgain(t, l, "room", "new")
	eventually(t, "the follower is told to look", func() bool {
		select {
		case n := <-tail.news:
			if n.Seq != 0 && n.Prev == tail.at {
				t.Fatalf("%q of the new log comes after %v of the old", n.Data, tail.at)
			}
			return true
		default:
			return false
		}
	})
	if got, whole := read(t, l, "room", tail.at); whole {
		t.Errorf("Read after a place of the old log = %s, whole, want not whole", texts(got))
	}
}
