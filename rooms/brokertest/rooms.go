package brokertest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// node is the rooms of one process.
type node struct {
	*rooms.Rooms[string]
	errors chan error
}

func newNode(t *testing.T, n Network) *node {
	errors := make(chan error, 1000)
	return &node{errors: errors, Rooms: rooms.New(&rooms.Options[string]{
		Broker: n.Connect(t),
		// The texts are arbitrary bytes, of sizes that only the broker limits.
		MaxMessageSize: -1,
		OnError:        func(_ string, err error) { errors <- err },
	})}
}

// join returns what a new member gets.
func (n *node) join(t *testing.T, room string) (inbox, *rooms.Member[string]) {
	t.Helper()
	in := make(inbox, 1<<14)
	m, err := n.Join(room, in, make(chan int, 1), nil)
	if err != nil {
		t.Errorf("Join = %v, want no error", err)
	}
	return in, m
}

// testRooms: everyone gets everything once, and the publisher's own process before
// Broadcast returns.
func testRooms(t *testing.T, n Network) {
	const messages = 200
	a, b := newNode(t, n), newNode(t, n)
	own, sender := a.join(t, "room")
	neighbour, _ := a.join(t, "room")
	far, _ := b.join(t, "room")
	var want []string
	for i := range messages {
		want = append(want, fmt.Sprint(i))
		if err := sender.BroadcastOthers(want[i]); err != nil {
			t.Fatalf("BroadcastOthers = %v, want no error", err)
		}
		if len(neighbour) != i+1 {
			t.Fatalf("after Broadcast the neighbour has %d messages, want %d", len(neighbour), i+1)
		}
	}
	for _, msg := range want {
		far.want(t, msg)
	}
	// What follows comes after everything that could have come back.
	b.Broadcast("room", "end")
	got := collect(t, neighbour, "end")
	if !slices.Equal(got, want) {
		t.Errorf("the neighbour received %d messages %.200q, want %d", len(got), got, messages)
	}
	own.want(t, "end")
	far.want(t, "end")
	a.Broadcast("room", "bye")
	far.want(t, "bye")
}

// collect returns the messages before end.
func collect(t *testing.T, in inbox, end string) (all []string) {
	t.Helper()
	for {
		got := in.next(t)
		if got == end {
			return all
		}
		all = append(all, got)
	}
}

// testRoomsChurn: members join and leave one room at the same time, the last one stays,
// and hears the other process.
func testRoomsChurn(t *testing.T, n Network) {
	a, b := newNode(t, n), newNode(t, n)
	for round := range 10 {
		var wg sync.WaitGroup
		var in inbox
		var last *rooms.Member[string]
		for range 4 {
			wg.Go(func() {
				for range 5 {
					_, m := b.join(t, "room")
					m.Leave()
				}
			})
		}
		wg.Go(func() { in, last = b.join(t, "room") })
		wg.Wait()
		want := fmt.Sprint("round ", round)
		if err := a.Broadcast("room", want); err != nil {
			t.Fatalf("Broadcast = %v, want no error", err)
		}
		in.want(t, want)
		last.Leave()
	}
	if len(b.errors) > 0 {
		t.Errorf("OnError got %v, want nothing", <-b.errors)
	}
}

// testRoomsLateComers: members come and go while the other process broadcasts. What was
// on its way to those that have left is not given to those that come, or they would be
// told that they missed what was said between.
func testRoomsLateComers(t *testing.T, n Network) {
	const visits = 300
	a, b := newNode(t, n), newNode(t, n)
	stop := make(chan struct{})
	var speaker sync.WaitGroup
	speaker.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
				for range 20 {
					a.Broadcast("room", fmt.Sprint(i))
				}
			}
		}
	})
	for range visits {
		in, m := b.join(t, "room")
		in.next(t)
		m.Leave()
	}
	close(stop)
	speaker.Wait()
	if len(b.errors) > 0 {
		t.Errorf("OnError got %d errors, %v, want none", len(b.errors), <-b.errors)
	}
}

// testRoomsOutage: neighbours miss nothing, the publisher is told, and the other process
// hears again by itself.
func testRoomsOutage(t *testing.T, n Network) {
	a, b := newNode(t, n), newNode(t, n)
	near, _ := a.join(t, "room")
	far, _ := b.join(t, "room")
	n.Stop(t)
	sent, failed := 0, 0
	eventually(t, "Broadcast returns errors while the network is away", func() bool {
		sent++
		if a.Broadcast("room", fmt.Sprint(sent)) != nil {
			failed++
		}
		return failed == 100
	})
	if got := len(a.errors); got != failed {
		t.Errorf("OnError was told %d errors, want %d", got, failed)
	}
	for len(far) > 0 { // sent before the outage was noticed
		<-far
	}
	n.Start(t)
	eventually(t, "delivery resumes", func() bool {
		sent++
		a.Broadcast("room", fmt.Sprint(sent))
		return len(far) > 0
	})
	for i := range sent {
		near.want(t, fmt.Sprint(i+1))
	}
	for previous := 0; len(far) > 0; {
		var i int
		if fmt.Sscan(<-far, &i); i <= previous {
			t.Errorf("the other process received %d after %d", i, previous)
		} else {
			previous = i
		}
	}
}
