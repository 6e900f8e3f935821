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

// back starts the network, and publishes until a new message arrives. Before that or soon
// after, the subscriber must be told of the outage.
func back(t *testing.T, n Network, b rooms.Broker, room string, in *listener) {
	t.Helper()
	n.Start(t)
	i := 0
	eventually(t, "delivery resumes", func() bool {
		i++
		b.Publish(room, fmt.Appendf(nil, "fresh %d", i))
		return in.heard("fresh")
	})
	eventually(t, "the subscriber is told that it may have missed messages in the outage",
		func() bool { return in.told() > 0 })
	for _, got := range in.take() {
		if !strings.HasPrefix(got, "fresh") {
			t.Errorf("after the outage received %q, want only what was published since", got)
		}
	}
}

func testOutage(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	in := listen(t, b, "room")
	for round := range 2 {
		publish(t, a, "room", "before")
		eventually(t, "the message from before the outage arrives",
			func() bool { return in.heard("before") })
		in.take()
		away(t, n, a, b)
		for range 100 {
			if err := a.Publish("room", []byte("stale")); err == nil {
				t.Error("Publish while the network is away = no error, want one")
			}
		}
		back(t, n, a, "room", in)
		end := fmt.Sprint("fresh, the end of round ", round)
		publish(t, a, "room", end)
		eventually(t, "what is published after the outage arrives",
			func() bool { return in.heard(end) })
		in.take()
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
