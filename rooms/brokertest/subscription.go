package brokertest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

// testHearsAtOnce: a message that is published right after Subscribe has returned
// arrives, before the mark that the test publishes until it arrives.
func testHearsAtOnce(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	for i := range 50 {
		room := fmt.Sprint(i)
		in := subscribe(t, b, room)
		publish(t, a, room, "first")
		got := in.until(t, "mark", marks(a, room))
		if len(got) != 1 || got[0] != "first" {
			t.Fatalf("deaf after Subscribe: received %q, want what was published just after it",
				got)
		}
	}
}

// testUnsubscribe: nothing arrives after Unsubscribe. The same broker subscribes a second
// room; a message there shows that those to the first have passed.
func testUnsubscribe(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	if err := b.Unsubscribe("never subscribed"); err != nil {
		t.Errorf("Unsubscribe(never subscribed) = %v, want no error", err)
	}
	gone, other := subscribe(t, b, "room"), subscribe(t, b, "other")
	publish(t, a, "room", "before")
	gone.want(t, "before")
	if err := b.Unsubscribe("room"); err != nil {
		t.Errorf("Unsubscribe = %v, want no error", err)
	}
	publish(t, a, "room", "after")
	publish(t, a, "other", "after")
	other.want(t, "after")
	if len(gone) > 0 {
		t.Errorf("received %q after Unsubscribe, want nothing", <-gone)
	}
	back := subscribe(t, b, "room")
	publish(t, a, "room", "back")
	back.want(t, "back")
}

// testSubscribeTwice: two Rooms on one broker must not go unnoticed, and must not harm
// the first.
func testSubscribeTwice(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	in := subscribe(t, b, "room")
	if err := b.Subscribe("room", func([]byte, error) {}); err == nil {
		t.Error("second Subscribe = no error, want one")
	}
	publish(t, a, "room", "once")
	in.want(t, "once")
}

// testChurn: many rooms at once, each subscribed and unsubscribed in turns, while
// messages come in.
func testChurn(t *testing.T, n Network) {
	const rooms, rounds = 8, 25
	a, b := n.Connect(t), n.Connect(t)
	stop := make(chan struct{})
	var publisher, wg sync.WaitGroup
	publisher.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Microsecond):
				a.Publish(fmt.Sprint(i%rooms), []byte("noise"))
			}
		}
	})
	in := make([]inbox, rooms)
	for i := range rooms {
		wg.Go(func() {
			room := fmt.Sprint(i)
			for range rounds {
				in[i] = subscribe(t, b, room)
				if err := b.Unsubscribe(room); err != nil {
					t.Errorf("Unsubscribe = %v, want no error", err)
				}
			}
			in[i] = subscribe(t, b, room)
		})
	}
	wg.Wait()
	close(stop)
	publisher.Wait()
	for i := range rooms {
		publish(t, a, fmt.Sprint(i), "last")
		for in[i].next(t) != "last" {
		}
	}
}

// testReentrance: a hook that receive calls may leave the room, join another, or
// broadcast.
func testReentrance(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	answers := subscribe(t, a, "answers")
	done := make(chan error, 3)
	err := b.Subscribe("room", func([]byte, error) {
		done <- b.Unsubscribe("room")
		done <- b.Subscribe("another", func([]byte, error) {})
		done <- b.Publish("answers", []byte("answer"))
	})
	if err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	publish(t, a, "room", "question")
	suite.Reentrant(t, patience, done)
	answers.want(t, "answer")
}
