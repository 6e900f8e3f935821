package brokertest

import (
	"fmt"
	"strings"
	"testing"

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

// back starts the network, and publishes until the first new message arrives.
func back(t *testing.T, n Network, b rooms.Broker, room string, in inbox) {
	t.Helper()
	n.Start(t)
	i := 0
	eventually(t, "delivery resumes", func() bool {
		i++
		b.Publish(room, fmt.Appendf(nil, "fresh %d", i))
		return len(in) > 0
	})
	for len(in) > 0 {
		if got := <-in; !strings.HasPrefix(got, "fresh") {
			t.Errorf("after the outage received %q, want only what was published since", got)
		}
	}
}

func testOutage(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	in := subscribe(t, b, "room")
	for range 2 {
		publish(t, a, "room", "before")
		in.want(t, "before")
		away(t, n, a, b)
		for range 100 {
			if err := a.Publish("room", []byte("stale")); err == nil {
				t.Error("Publish while the network is away = no error, want one")
			}
		}
		back(t, n, a, "room", in)
		publish(t, a, "room", "flush")
		for in.next(t) != "flush" {
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
	in := make(inbox, 1000)
	if err := b.Subscribe("room", in.receive); err != nil {
		t.Skipf("Subscribe while the network is away = %v: rooms will try again", err)
	}
	back(t, n, a, "room", in)
	publish(t, a, "gone", "gone")
	publish(t, a, "room", "flush")
	for in.next(t) != "flush" {
	}
	if len(gone) > 0 {
		t.Errorf("received %q though unsubscribed during the outage, want nothing", <-gone)
	}
}
