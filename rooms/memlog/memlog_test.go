package memlog_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

func TestMemoryPanics(t *testing.T) {
	for _, count := range []int{0, 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("New for a log that keeps nothing does not panic, want it to")
				}
			}()
			memlog.New(count, time.Duration(count-1))
		}()
	}
}

// Contract 11.4: a follower that stops in the middle is told nothing more.
func TestMemoryUnfollowFromReceive(t *testing.T) {
	l := memlog.New(50, time.Minute)
	put := func(id string) {
		if _, err := l.Append(t.Context(), "lobby", id, []byte(id)); err != nil {
			t.Errorf("Append = %v, want no error", err)
		}
	}
	var told []string
	_, err := l.Follow(t.Context(), "lobby", func(n rooms.News) {
		told = append(told, string(n.Data))
		if len(told) == 1 {
			put("2") // which is told when this call has returned
			l.Unfollow("lobby")
		}
	})
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	put("1")
	put("3")
	if len(told) != 1 {
		t.Errorf("told %q, want nothing after Unfollow", told)
	}
}

// Contract 11.2, 11.4: an id is remembered for two minutes, and as one of a thousand.
func TestMemoryWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memlog.New(5, time.Hour)
		put := func(id string) rooms.Place {
			place, err := l.Append(t.Context(), "lobby", id, nil)
			if err != nil {
				t.Fatalf("Append = %v, want no error", err)
			}
			return place
		}
		first := put("a")
		time.Sleep(2*time.Minute - time.Nanosecond)
		if got := put("a"); got != first {
			t.Errorf("Append again = %v, want %v", got, first)
		}
		time.Sleep(time.Nanosecond)
		second := put("a")
		if second == first {
			t.Errorf("Append after the window = %v, want another place", second)
		}
		for i := range 999 {
			put(string(rune(0x4e00 + i)))
		}
		if got := put("a"); got != second {
			t.Errorf("Append after 999 others = %v, want %v", got, second)
		}
		put("one more")
		if got := put("a"); got == second {
			t.Errorf("Append after 1000 others = %v, want another place", got)
		}
	})
}
