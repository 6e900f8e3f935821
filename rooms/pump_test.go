package rooms_test

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Contract 9.4: when Leave has returned, the goroutine that sends to a member that is
// behind has ended, so that nothing can be sent any more.
func TestLeaveWaitsForPump(t *testing.T) {
	for range 200 {
		r := rooms.New[int](nil)
		ann := join(t, r, "lobby", 0, "ann")
		r.Broadcast("lobby", 1)
		ann.Leave()
		if got := r.Stats().Behind; got != 0 {
			t.Fatalf("Behind after Leave = %d, want 0", got)
		}
	}
}

// The hook may close the sender: the goroutine that sends to the member has ended before.
func TestHookWaitsForPump(t *testing.T) {
	const members = 200
	synctest.Test(t, func(t *testing.T) {
		behind := make(chan int, members)
		var r *rooms.Rooms[int]
		r = rooms.New(&rooms.Options[int]{
			Backlog:  1,
			OnRemove: func(string, any, error) { behind <- r.Stats().Behind },
		})
		for i := range members {
			join(t, r, "lobby", 0, i)
			for range 2 {
				r.Broadcast("lobby", 1)
			}
			if got := <-behind; got != 0 {
				t.Fatalf("in the hook: Behind = %d, want 0", got)
			}
		}
	})
}

// A member that has caught up gives the memory of its backlog back.
func TestBacklogIsFreed(t *testing.T) {
	type page [4096]byte
	const members = 10
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New[page](nil)
		before := heap()
		var all []*client[page]
		for i := range members {
			all = append(all, join(t, r, "lobby", 0, i))
		}
		for range 200 {
			r.Broadcast("lobby", page{})
		}
		full := heap() - before
		for _, c := range all {
			for range 200 {
				<-c.in
			}
		}
		synctest.Wait()
		if got := heap() - before; got > full/10 {
			t.Errorf("backlogs of %d KB left %d KB when they were empty", full>>10, got>>10)
		}
		for _, c := range all {
			c.Leave()
		}
	})
}

// A member that has left is not kept by the room.
func TestMemberIsFreed(t *testing.T) {
	r := rooms.New[string](nil)
	ann := join(t, r, "lobby", 9, "ann")
	left := func() weak.Pointer[rooms.Member[string]] {
		bob := join(t, r, "lobby", 9, "bob")
		r.Broadcast("lobby", "x") // which seats them
		bob.Leave()
		return weak.Make(bob.Member)
	}()
	for range 10 {
		if runtime.GC(); left.Value() == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if left.Value() != nil {
		t.Error("the member that has left is still in memory")
	}
	ann.Leave()
}
