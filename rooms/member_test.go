package rooms_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Contract 9.4: any number of times, by anyone.
func TestLeaveTwice(t *testing.T) {
	r := rooms.New[string](nil)
	ann, bob := join(t, r, "lobby", 1, "ann"), join(t, r, "lobby", 1, "bob")
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(ann.Leave)
	}
	wg.Wait()
	ann.Leave()
	bob.Broadcast("x")
	wantMessages(t, "ann", ann.got())
	wantMessages(t, "bob", bob.got(), "x")
	if got := r.Stats().Members; got != 1 {
		t.Errorf("Members = %d, want 1", got)
	}
}

// Contract 9.4: when Leave has returned nothing more is sent, though a goroutine was
// blocked in sending.
func TestLeaveWhileBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New[string](nil)
		ann := join(t, r, "lobby", 0, "ann")
		for _, msg := range []string{"a", "b", "c"} {
			r.Broadcast("lobby", msg)
		}
		if got := <-ann.in; got != "a" {
			t.Errorf("ann got %q, want a", got)
		}
		synctest.Wait() // b is being sent
		ann.Leave()
		synctest.Wait()
		wantMessages(t, "ann after Leave", ann.got())
		if code := ann.code(); code != 0 {
			t.Errorf("disconnect got %d after Leave, want nothing", code)
		}
		if got := r.Stats(); got != (rooms.Stats{}) {
			t.Errorf("Stats = %+v, want zeros", got)
		}
	})
}

// Contract 9.4, against broadcasts that are under way: whoever closes the channel after
// Leave, would see a send panic. The members take slowly enough to fall behind now and
// then.
func TestLeaveDuringBroadcasts(t *testing.T) {
	r := rooms.New[int](nil)
	var stop atomic.Bool
	var publishers, members sync.WaitGroup
	for range 2 {
		publishers.Go(func() {
			for i := 0; !stop.Load(); i++ {
				r.Broadcast("lobby", i)
			}
		})
	}
	for i := range 4 {
		members.Go(func() {
			for round := range 100 {
				c := join(t, r, "lobby", i, nil)
				for removed, i := false, 0; i < round%7 && !removed; i++ {
					select {
					case <-c.in:
					case <-c.disconnect:
						removed = true
					}
				}
				if round%2 == 0 {
					go c.Leave()
				}
				c.Leave()
				close(c.in)
			}
		})
	}
	members.Wait()
	stop.Store(true)
	publishers.Wait()
	if got := r.Stats(); got.Rooms+got.Members+got.Behind != 0 {
		t.Errorf("Stats after all have left = %+v, want no rooms, members or goroutines", got)
	}
}

// Contract 9.3: the hook may use the rooms, and sees the member gone.
func TestHookUsesRooms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var r *rooms.Rooms[string]
		var slow *client[string]
		told := 0
		r = rooms.New(&rooms.Options[string]{
			Backlog: 1,
			OnRemove: func(room string, attached any, reason error) {
				told++
				slow.Leave()
				if got := r.Len(room); got != 1 {
					t.Errorf("in the hook: Len = %d, want 1", got)
				}
				r.Broadcast(room, attached.(string)+" is gone")
				join(t, r, room, 1, "from the hook").Leave()
				time.Sleep(time.Hour) // may block; nobody waits
			},
		})
		slow = join(t, r, "lobby", 0, "slow")
		ann := join(t, r, "lobby", 10, "ann")
		ann.Broadcast("a")
		ann.Broadcast("b")
		synctest.Wait()
		slow.Leave()
		wantMessages(t, "ann", ann.got(), "a", "b", "slow is gone")
		time.Sleep(2 * time.Hour)
		if told != 1 {
			t.Errorf("OnRemove was called %d times, want once", told)
		}
	})
}

// A member whose connection ends regularly need not be told: the hook is for removals.
func TestLeaveIsNotRemoval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, removals := watched(rooms.Options[string]{})
		r := rooms.New(o)
		ann := join(t, r, "lobby", 0, "ann")
		r.Broadcast("lobby", "x")
		ann.Leave()
		synctest.Wait()
		if len(removals) > 0 || r.Stats().Removed != 0 {
			t.Errorf("after Leave: hook %d, Removed %d, want neither",
				len(removals), r.Stats().Removed)
		}
	})
}

// Contract 9.3: the code is offered without blocking. One may wait already, and there may
// be no channel to offer it on.
func TestDisconnectTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, removals := watched(rooms.Options[string]{Backlog: 1})
		r := rooms.New(o)
		leaving := join(t, r, "lobby", 0, "leaving")
		leaving.disconnect <- 1000
		if _, err := r.Join("lobby", make(chan string), nil, "no disconnect"); err != nil {
			t.Errorf("Join(nil disconnect) = %v, want no error", err)
		}
		unbuffered := make(chan int)
		if _, err := r.Join("lobby", make(chan string), unbuffered, "unbuffered"); err != nil {
			t.Errorf("Join = %v, want no error", err)
		}
		closed := join(t, r, "lobby", 0, "closed")
		close(closed.disconnect)
		for range 2 {
			r.Broadcast("lobby", "x")
		}
		synctest.Wait()
		if len(removals) != 4 || r.Len("lobby") != 0 {
			t.Errorf("OnRemove was called %d times, Len %d, want 4, 0",
				len(removals), r.Len("lobby"))
		}
		if code := leaving.code(); code != 1000 {
			t.Errorf("code = %d, want the 1000 that waited there", code)
		}
	})
}

// A handler that closes its sender is gone: neither the broadcaster nor the process pays
// for it, nor the next members.
func TestClosedSender(t *testing.T) {
	for _, behind := range []bool{false, true} {
		t.Run(fmt.Sprintf("behind=%v", behind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, removals := watched(rooms.Options[string]{})
				r := rooms.New(o)
				first := join(t, r, "lobby", 9, "first")
				gone := join(t, r, "lobby", 0, "gone")
				last := join(t, r, "lobby", 9, "last")
				want := []string{"x"}
				if behind {
					r.Broadcast("lobby", "x")
					synctest.Wait()
					want = append(want, "x")
				}
				close(gone.in)
				r.Broadcast("lobby", "x")
				synctest.Wait()
				wantMessages(t, "first", first.got(), want...)
				wantMessages(t, "last", last.got(), want...)
				if got, want := <-removals, (removal{"lobby", "gone", rooms.ErrSenderClosed}); got != want {
					t.Errorf("OnRemove(%v), want %v", got, want)
				}
				if code := gone.code(); code != 0 || r.Len("lobby") != 2 {
					t.Errorf("code %d, Len %d, want no code, which would turn a regular end into a failure, and 2",
						code, r.Len("lobby"))
				}
			})
		})
	}
}
