package brokertest

import (
	"slices"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// away stops the network and waits until the broker says so.
func away(t *testing.T, n Network, brokers ...rooms.Broker) {
	t.Helper()
	n.Stop(t)
	for _, b := range brokers {
		eventually(t, "Publish returns an error while the network is away", func() bool {
			return b.Publish("nobody", []byte("probe")) != nil
		})
	}
}

// testOutage: after an outage, delivery resumes, and nothing comes that Publish refused.
// The subscriber is told of the outage, before that or soon after.
func testOutage(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	in := subscribe(t, b, "room")
	for range 2 {
		in.until(t, "before", marks(a, "room"))
		away(t, n, a, b)
		for range 100 {
			if err := a.Publish("room", []byte("stale")); err == nil {
				t.Error("Publish while the network is away = no error, want one")
			}
		}
		n.Start(t)
		got := in.until(t, "back", marks(a, "room"))
		publish(t, a, "room", "fresh")
		got = append(got, in.until(t, "end", marks(a, "room"))...)
		for told := slices.ContainsFunc(got, isLoss); !told; {
			select {
			case msg := <-in:
				told = isLoss(msg)
			case <-time.After(patience):
				t.Fatal("nobody told the subscriber that it may have missed messages in the outage")
			}
		}
		if got = slices.DeleteFunc(got, isLoss); !slices.Equal(got, []string{"fresh"}) {
			t.Errorf("after the outage received %.200q, want only what was published since", got)
		}
	}
}

func testSubscribeAway(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	gone := subscribe(t, b, "gone")
	away(t, n, a, b)
	if err := b.Unsubscribe("gone"); err != nil {
		t.Errorf("Unsubscribe while the network is away = %v, want no error", err)
	}
	in := make(inbox, 1<<14)
	if err := b.Subscribe("room", in.receive); err != nil {
		t.Skipf("Subscribe while the network is away = %v: rooms will try again", err)
	}
	n.Start(t)
	in.until(t, "back", marks(a, "room"))
	publish(t, a, "gone", "gone")
	in.until(t, "end", marks(a, "room"))
	if len(gone) > 0 {
		t.Errorf("received %q though unsubscribed during the outage, want nothing", <-gone)
	}
}
