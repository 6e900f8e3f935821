package rooms_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// A broker and a log at once are a mistake.
func TestBrokerAndLog(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("New with a Broker and a Log does not panic, want it to")
		}
	}()
	rooms.New(&rooms.Options[string]{Log: rooms.Memory(1, time.Second), Broker: newFakeBroker(t)})
}

func TestMemoryPanics(t *testing.T) {
	for _, count := range []int{0, 1} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("Memory that keeps nothing does not panic, want it to")
				}
			}()
			rooms.Memory(count, time.Duration(count-1))
		}()
	}
}

// Contract 11.4: no goroutine, and no memory for rooms that are over.
func TestMemoryIsFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := onLog(rooms.Options[string]{Log: rooms.Memory(50, time.Minute)})
		say(t, r, "nobody there", "1")
		ann := join(t, r, "lobby", 10, "ann")
		say(t, r, "lobby", "1")
		ann.Leave()
		if got := goroutines(); got != 0 {
			t.Errorf("%d goroutines, want none", got)
		}
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := rooms.MemoryRooms(r); got != 0 {
			t.Errorf("the log has %d rooms, want none", got)
		}
	})
}

// Contract 11.4: what is said into an empty room keeps it for the age from then on, and
// no longer.
func TestMemoryIsFreedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := onLog(rooms.Options[string]{Log: rooms.Memory(50, time.Minute)})
		for range 3 {
			say(t, r, "lobby", "again")
			time.Sleep(40 * time.Second)
		}
		if got := rooms.MemoryRooms(r); got != 1 {
			t.Errorf("the log has %d rooms 40 s after a message, want 1", got)
		}
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if got := rooms.MemoryRooms(r); got != 0 {
			t.Errorf("the log has %d rooms 60 s after the last message, want none", got)
		}
	})
}

// Contract 11.4: a follower that stops in the middle is told nothing more.
func TestMemoryUnfollowFromReceive(t *testing.T) {
	l := rooms.Memory(50, time.Minute)
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
		l := rooms.Memory(5, time.Hour)
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

// Contract 11.4: kept for its age, also when the last member has left; then all is gone.
func TestMemoryAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := onLog(rooms.Options[string]{Log: rooms.Memory(50, time.Minute)})
		ann := join(t, r, "lobby", 10, "ann")
		position := say(t, r, "lobby", "1")
		time.Sleep(30 * time.Second)
		say(t, r, "lobby", "2")
		time.Sleep(31 * time.Second)
		ann.Leave()
		bob, missed := comeBack(t, r, "lobby", "", 0)
		wantMissed(t, missed, false, "2") // the first is too old
		bob.Leave()
		bob, missed = comeBack(t, r, "lobby", position, 0)
		wantMissed(t, missed, true, "2")
		bob.Leave()
		time.Sleep(59 * time.Second)
		bob, missed = comeBack(t, r, "lobby", missed.Position, 0)
		wantMissed(t, missed, true)
		bob.Leave()
		time.Sleep(61 * time.Second)
		_, missed = comeBack(t, r, "lobby", missed.Position, 0)
		wantMissed(t, missed, false)
	})
}
