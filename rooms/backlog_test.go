package rooms_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
)

// Contract 9.3: a member whose backlog passes its bound is removed, disconnected with
// 1013, counted and told. The messages are four bytes long.
func TestBound(t *testing.T) {
	type text = rooms.Options[string]
	tests := []struct {
		name     string
		options  text
		capacity int
		fits     int // messages that the member survives
	}{
		{name: "default", fits: 256},
		{name: "default and a buffer", capacity: 10, fits: 266},
		{name: "one", options: text{Backlog: 1}, fits: 1},
		{name: "bytes exactly", options: text{BacklogBytes: 12}, fits: 3},
		{name: "bytes nearly", options: text{BacklogBytes: 15}, capacity: 2, fits: 5},
		{name: "bytes before messages", options: text{Backlog: 4, BacklogBytes: 8}, fits: 2},
		{name: "messages before bytes", options: text{Backlog: 2, BacklogBytes: 100}, fits: 2},
		{name: "a message larger than the bytes", options: text{BacklogBytes: 3}, fits: 0},
		{name: "bytes off", options: text{BacklogBytes: -1, Backlog: 5}, fits: 5},
		{name: "messages off", options: text{Backlog: -1, BacklogBytes: 4000}, fits: 1000},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, removals := watched(test.options)
				r := rooms.New(o)
				slow := join(t, r, "lobby", test.capacity, "slow")
				for range test.fits {
					r.Broadcast("lobby", "four")
				}
				synctest.Wait()
				if code := slow.code(); code != 0 || r.Len("lobby") != 1 {
					t.Errorf("after %d messages: code %d, Len %d, want 0, 1", test.fits, code, r.Len("lobby"))
				}
				r.Broadcast("lobby", "four")
				synctest.Wait()
				if code := slow.code(); code != 1013 || r.Len("lobby") != 0 || r.Stats().Removed != 1 {
					t.Errorf("one more: code %d, Len %d, Removed %d, want 1013, 0, 1",
						code, r.Len("lobby"), r.Stats().Removed)
				}
				if got, want := <-removals, (removal{"lobby", "slow", rooms.ErrBacklog}); got != want {
					t.Errorf("OnRemove(%v), want %v", got, want)
				}
				synctest.Wait()
				if got := len(slow.got()); got != test.capacity {
					t.Errorf("the removed member got %d messages, want the %d in its channel", got, test.capacity)
				}
			})
		})
	}
}

func TestBytesOfByteSlices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New(&rooms.Options[[]byte]{BacklogBytes: 10})
		slow := join(t, r, "lobby", 0, "slow")
		r.Broadcast("lobby", make([]byte, 10))
		<-slow.in
		synctest.Wait()
		r.Broadcast("lobby", make([]byte, 6)) // what was taken does not count any more
		if code := slow.code(); code != 0 {
			t.Errorf("code within the bound = %d, want none", code)
		}
		r.Broadcast("lobby", make([]byte, 5))
		synctest.Wait()
		if code := slow.code(); code != 1013 {
			t.Errorf("code past the bound = %d, want 1013", code)
		}
	})
}

// Contract 9.3: standing still past the grace time. A message taken starts it anew.
func TestGrace(t *testing.T) {
	tests := []struct {
		name   string
		grace  time.Duration
		lasts  time.Duration // how long the member may stand still
		reason error
	}{
		{name: "default", lasts: 10 * time.Second, reason: rooms.ErrStalled},
		{name: "given", grace: time.Minute, lasts: time.Minute, reason: rooms.ErrStalled},
		{name: "off", grace: -1, lasts: 1000 * time.Hour},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, removals := watched(rooms.Options[string]{Grace: test.grace})
				r := rooms.New(o)
				slow := join(t, r, "lobby", 0, "slow")
				for range 10 {
					r.Broadcast("lobby", "x")
				}
				for range 3 {
					time.Sleep(test.lasts - time.Nanosecond)
					<-slow.in
				}
				time.Sleep(test.lasts - time.Nanosecond)
				if code := slow.code(); code != 0 {
					t.Errorf("code before the grace is over = %d, want none", code)
				}
				time.Sleep(2 * time.Nanosecond)
				synctest.Wait()
				if test.reason == nil {
					if code := slow.code(); code != 0 {
						t.Errorf("code with the grace off = %d, want none", code)
					}
					slow.Leave()
					return
				}
				if got, want := <-removals, (removal{"lobby", "slow", test.reason}); got != want ||
					slow.code() != 1013 {
					t.Errorf("OnRemove(%v), want %v and 1013", got, want)
				}
				wantMessages(t, "the removed member", slow.got())
				if got := r.Stats(); got != (rooms.Stats{Removed: 1}) {
					t.Errorf("Stats = %+v, want one removal and nothing left", got)
				}
			})
		})
	}
}

// A member that has caught up is served directly again: the message is there when
// Broadcast returns.
func TestCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New[string](nil)
		ann := join(t, r, "lobby", 1, "ann")
		for range 3 {
			r.Broadcast("lobby", "a")
			r.Broadcast("lobby", "b")
			if a, b := <-ann.in, <-ann.in; a != "a" || b != "b" {
				t.Errorf("ann got %s, %s, want a, b", a, b)
			}
			synctest.Wait()
			r.Broadcast("lobby", "direct")
			wantMessages(t, "ann", ann.got(), "direct")
		}
	})
}

// What a removed or slow member has not taken or has taken already is not kept, whoever
// holds the membership.
func TestMessagesAreFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New(&rooms.Options[*message]{Backlog: 2})
		slow := join(t, r, "lobby", 0, "slow")
		var sent []weak.Pointer[message]
		broadcast := func(text string) {
			msg := &message{Text: text}
			sent = append(sent, weak.Make(msg))
			r.Broadcast("lobby", msg)
			synctest.Wait()
		}
		broadcast("taken")
		broadcast("kept")
		<-slow.in
		synctest.Wait()
		runtime.GC()
		if taken, kept := sent[0].Value(), sent[1].Value(); taken != nil || kept == nil {
			t.Errorf("in memory: %v, %v, want only the one that waits", taken, kept)
		}
		broadcast("fits")
		broadcast("is too much")
		runtime.GC()
		for _, msg := range sent {
			if got := msg.Value(); got != nil {
				t.Errorf("after the removal %q is still in memory", got.Text)
			}
		}
		runtime.KeepAlive(slow)
	})
}

// A member that is not behind may take its time.
func TestIdleIsNotStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New[string](nil)
		idle := join(t, r, "lobby", 2, "idle")
		r.Broadcast("lobby", "a")
		r.Broadcast("lobby", "b")
		time.Sleep(24 * time.Hour)
		wantMessages(t, "the idle member", idle.got(), "a", "b")
		if code := idle.code(); code != 0 {
			t.Errorf("code = %d, want none", code)
		}
	})
}

// Contract 9.6: a goroutine while a member is behind, and only then.
func TestGoroutineOnlyWhileBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New[int](nil)
		var all []*client[int]
		for i := range 100 {
			all = append(all, join(t, r, fmt.Sprint(i%10), 1, i))
		}
		for range 10 {
			r.Broadcast("0", 1)
			all[0].got()
		}
		steps := []struct {
			do   func()
			want int
		}{
			{want: 9, do: func() {}}, // in room 0, all but the one that takes
			{want: 19, do: func() { r.Broadcast("1", 1); r.Broadcast("1", 2) }},
			{want: 18, do: func() { all[11].got(); synctest.Wait(); all[11].got() }},
			{want: 9, do: func() {
				for i := 10; i < 100; i += 10 {
					all[i].Leave()
				}
			}},
		}
		for i, step := range steps {
			step.do()
			synctest.Wait()
			if got := goroutines.Count(); got != step.want || r.Stats().Behind != step.want {
				t.Errorf("step %d: %d goroutines, Behind %d, want %d", i, got, r.Stats().Behind, step.want)
			}
		}
		for _, c := range all {
			c.Leave()
		}
	})
}

// A sender without a buffer works: a receiver that is there is served directly.
func TestUnbuffered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New[int](nil)
		ann := join(t, r, "lobby", 0, "ann")
		var got []int
		done := make(chan struct{})
		go func() {
			defer close(done)
			for msg := range ann.in {
				got = append(got, msg)
			}
		}()
		var want []int
		for i := range 200 {
			want = append(want, i)
			r.Broadcast("lobby", i)
			if i%10 == 0 {
				synctest.Wait()
			}
		}
		synctest.Wait()
		ann.Leave()
		close(ann.in)
		<-done
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want 0 to 199 in order", got)
		}
	})
}

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
