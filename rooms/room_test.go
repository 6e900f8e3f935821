package rooms_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
)

// Contract 9.3 with everything at once: members that are fast, slow and hardly there,
// with channels of several sizes. Whoever is not disconnected has everything; whoever is,
// has a beginning without gaps.
func TestOrderAndCompleteness(t *testing.T) {
	t.Run("everyone keeps up", func(t *testing.T) { testOrder(t, -1, 0) })
	t.Run("some do not", func(t *testing.T) { testOrder(t, 200, 3) })
}

// testOrder has every slowth reader slow; 0 is none.
func testOrder(t *testing.T, backlog, slowth int) {
	const publishers, each, readers = 3, 1000, 8
	r := rooms.New(&rooms.Options[[2]int]{Backlog: backlog})
	var publishing, reading sync.WaitGroup
	done := make(chan struct{})
	for i := range readers {
		c := join(t, r, "lobby", i%4, i)
		reading.Go(func() {
			defer c.Leave()
			readInOrder(t, c, done, slowth > 0 && i%slowth == 0, publishers*each)
		})
	}
	for p := range publishers {
		publishing.Go(func() {
			for i := range each {
				r.Broadcast("lobby", [2]int{p, i})
				for i%50 == 0 && r.Stats().Behind > readers/2 {
					runtime.Gosched() // the fast ones catch up, and fall behind again
				}
			}
		})
	}
	publishing.Wait()
	close(done)
	reading.Wait()
	if got := r.Stats(); got.Members+got.Behind != 0 || backlog < 0 && got.Removed > 0 {
		t.Errorf("Stats after all have left = %+v, want nobody, and removals only for a bound",
			got)
	}
}

// readInOrder reads until everything is there, or the member is disconnected.
func readInOrder(t *testing.T, c *client[[2]int], done <-chan struct{}, slow bool, all int) {
	next := map[int]int{}
	for n := 0; n < all; n++ {
		var msg [2]int
		select {
		case msg = <-c.in:
		case <-c.disconnect:
			return
		case <-time.After(20 * time.Second):
			t.Errorf("a member has %d of %d messages, and is not disconnected", n, all)
			return
		}
		if p, i := msg[0], msg[1]; i != next[p] {
			t.Errorf("a member got %d of publisher %d, want %d", i, p, next[p])
			return
		}
		next[msg[0]]++
		if slow {
			select {
			case <-done:
			case <-time.After(50 * time.Microsecond):
			}
		}
	}
}

// Contract 9.5, 9.6: stalled members cost the healthy ones no waiting: all of a broadcast
// is in their channels when it returns, and only the stalled have goroutines.
func TestHealthyBesideStalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rooms.New[int](nil)
		var stalled, healthy []*client[int]
		for i := range 100 {
			stalled = append(stalled, join(t, r, "lobby", 1, i))
			healthy = append(healthy, join(t, r, "lobby", 1, i))
		}
		start := time.Now()
		for i := range 200 {
			r.Broadcast("lobby", i)
			for _, c := range healthy {
				wantMessages(t, "a healthy member", c.got(), i)
			}
		}
		if d := time.Since(start); d != 0 {
			t.Errorf("200 broadcasts waited for %v, want nothing", d)
		}
		synctest.Wait()
		if got := goroutines.Count(); got != len(stalled) {
			t.Errorf("%d goroutines, want %d, one for each stalled member", got, len(stalled))
		}
		time.Sleep(time.Minute)
		if got, want := r.Stats(), (rooms.Stats{Rooms: 1, Members: 100, Removed: 100}); got != want {
			t.Errorf("Stats after the grace = %+v, want %+v", got, want)
		}
	})
}

// A broadcast in the process allocates nothing, and encodes nothing.
func TestNoAllocations(t *testing.T) {
	r := rooms.New(&rooms.Options[*message]{Encode: func(*message) ([]byte, error) {
		t.Error("Encode was called without a broker")
		return nil, nil
	}})
	var all []*client[*message]
	for i := range 100 {
		all = append(all, join(t, r, "lobby", 1, i))
	}
	msg := &message{Text: "hello"}
	got := testing.AllocsPerRun(100, func() {
		all[0].Broadcast(msg)
		for _, c := range all {
			<-c.in
		}
	})
	// With the race detector a sync.Pool forgets now and then the buffer for measuring.
	if got > 0 && !underRaceDetector() {
		t.Errorf("Broadcast to 100 = %v allocations, want none", got)
	}
}

func underRaceDetector() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// Members in one process see one order, whoever publishes.
func TestOneOrder(t *testing.T) {
	r := rooms.New[string](nil)
	ann, bob := join(t, r, "lobby", 1000, "ann"), join(t, r, "lobby", 1000, "bob")
	var wg sync.WaitGroup
	for p := range 4 {
		wg.Go(func() {
			for i := range 250 {
				r.Broadcast("lobby", fmt.Sprint(p, i))
			}
		})
	}
	wg.Wait()
	wantMessages(t, "bob", bob.got(), ann.got()...)
}

// Contract 10.7: a room in which a broadcast takes its time holds up neither those who
// join and count in it, nor any other room, with a broker and without.
func TestJoinBesideBroadcast(t *testing.T) {
	for _, broker := range []bool{false, true} {
		t.Run(fmt.Sprintf("broker=%v", broker), func(t *testing.T) {
			o := &rooms.Options[string]{}
			if broker {
				o.Broker = newFakeBroker(t)
			}
			r := rooms.New(o)
			join(t, r, "busy", 9, "eve")
			other := join(t, r, "other", 9, "other")
			end := r.BroadcastSlowly("busy", "slow")
			// Each of these hangs if it waits for the broadcast.
			ann := join(t, r, "busy", 9, "ann")
			if _, err := r.Join("busy", ann.in, nil, nil); err != rooms.ErrJoined {
				t.Errorf("Join(same sender) = %v, want %v", err, rooms.ErrJoined)
			}
			if n, all := r.Len("busy"), r.Members("busy"); n != 2 || len(all) != 2 {
				t.Errorf("Len %d, Members %v, want 2", n, all)
			}
			join(t, r, "another", 1, "eve").Leave()
			r.Broadcast("other", "x")
			wantMessages(t, "a member of another room", other.got(), "x")
			end()
			wantMessages(t, "ann, who joined during the broadcast,", ann.got())
			r.Broadcast("busy", "next")
			wantMessages(t, "ann", ann.got(), "next")
		})
	}
}

// Contract 9.5: a broadcast that removes many members leaves all else to be done about
// them until it is over.
func TestRemovalsAfterBroadcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const members = 100
		o, removals := watched(rooms.Options[string]{Backlog: 1})
		r := rooms.New(o)
		var stalled []*client[string]
		for i := range members {
			stalled = append(stalled, join(t, r, "lobby", 0, i))
		}
		r.Broadcast("lobby", "fits")
		synctest.Wait()
		end := r.BroadcastSlowly("lobby", "too much")
		synctest.Wait()
		if got := goroutines.Count(); got != members || len(removals) != 0 {
			t.Errorf("during the broadcast: %d goroutines, %d calls of OnRemove, want %d, 0",
				got, len(removals), members)
		}
		end()
		synctest.Wait()
		for _, c := range stalled {
			if code := c.code(); code != 1013 {
				t.Errorf("code = %d, want 1013", code)
			}
		}
		if got := len(removals); got != members {
			t.Errorf("OnRemove was called %d times, want %d", got, members)
		}
	})
}

// Contract 9.2: neither a slow hook nor a broker that is slow to unsubscribe holds up the
// broadcast that removed the last member, nor the next one.
func TestSlowHookAfterBroadcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		b := newFakeBroker(t)
		r := rooms.New(&rooms.Options[string]{
			Backlog:  1,
			Broker:   b,
			OnRemove: func(string, any, error) { <-release },
		})
		join(t, r, "lobby", 0, "stalled")
		b.block, b.begun = release, make(chan struct{}, 1)
		begin := time.Now()
		for _, text := range []string{"fits", "too much", "one more"} {
			r.Broadcast("lobby", text)
		}
		if took := time.Since(begin); took != 0 || r.Stats().Removed != 1 {
			t.Errorf("three broadcasts took %v and removed %d, want 0s and 1", took,
				r.Stats().Removed)
		}
		close(release)
	})
}

// Contract 9.4: a room that has shrunk gives its memory back, and so does a Rooms.
func TestShrinking(t *testing.T) {
	const n = 50_000
	tests := []struct {
		name string
		room func(i int) string
	}{
		{name: "one room", room: func(int) string { return "lobby" }},
		{name: "rooms", room: func(i int) string { return fmt.Sprint(i) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := rooms.New[string](nil)
			stays := join(t, r, test.room(0), 9, nil)
			r.Broadcast("lobby", "")
			before := heap()
			members := make([]*rooms.Member[string], n)
			for i := range members {
				members[i], _ = r.Join(test.room(i), make(chan string, 1), nil, nil)
			}
			r.Broadcast("lobby", "") // all have seats
			full := heap() - before
			for _, m := range members {
				m.Leave()
			}
			members = nil
			if got := heap() - before; got > full/20 {
				t.Errorf("%d members took %d KB, and left %d KB", n, full>>10, got>>10)
			}
			stays.Leave()
		})
	}
}

func heap() int {
	runtime.GC()
	runtime.GC() // what finalizers held
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}
