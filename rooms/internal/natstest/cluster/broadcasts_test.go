//go:build linux

package cluster_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

// Contract 13.2, for sections 9 and 10 on a cluster: clients and servers lose each other,
// and servers are killed and stand still.
func TestBroadcasts(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		history.Broadcasts(t, seed, newWorld(t, 3, logOptions{}).network())
	})
}

// Contract 13.2, for section 12, in the same way.
func TestPresence(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		history.Presence(t, seed, newWorld(t, 3, logOptions{}).network())
	})
}

// network is the cluster for histories of brokers. If servers lose each other, messages
// are lost between them, and no broker knows.
func (w *world) network() history.Network {
	return history.Network{
		Connect: func(_ *testing.T, told func(error)) (rooms.Broker, func()) {
			p := w.connectBroker(told)
			return p.broker, func() { w.kill(p) }
		},
		Outages: true,
		Kills:   true,
		Break:   w.breakBroadcasts,
		Pace:    100 * time.Millisecond,
		Slowest: 30 * time.Second,
		Lossy:   true,
		Shared:  true,
	}
}

// breakBroadcasts breaks what a broker has to tell of.
func (w *world) breakBroadcasts(r *rand.Rand) (what string, mend func()) {
	switch s := w.c.Servers[r.IntN(len(w.c.Servers))]; {
	case r.IntN(3) > 0:
		return w.breakClients(r)
	case r.IntN(2) > 0:
		return w.breakRoutes(r)
	case !s.Running():
		return "nothing", nothing
	case r.IntN(2) > 0:
		s.Pause()
		return s.Name + " stands still", s.Resume
	default:
		s.Kill()
		return s.Name + " is killed", func() { s.Start(w.t) }
	}
}

// Contract 10.5: two servers lose a message between them, while both processes keep their
// connections. It is told.
func TestLostBetweenServers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, logOptions{})
	here, there := w.connectBroker(nil, 0), w.connectBroker(nil, 1)
	told := make(chan error, 1000)
	tell := func(_ string, err error) { told <- err }
	speaks, hears := newBroadcasts(here, tell), newBroadcasts(there, tell)
	in := make(chan string, 1000)
	if _, err := hears.Join("lobby", in, nil, nil); err != nil {
		t.Fatalf("Join = %v, want no error", err)
	}
	arrives := func(text string) {
		natstest.Eventually(t, text+" arrives", func() bool {
			w.must(speaks.Broadcast("lobby", text))
			select {
			case got := <-in:
				return got == text
			case <-time.After(10 * time.Millisecond):
				return false
			}
		})
	}
	arrives("before")
	if len(told) > 0 {
		t.Fatalf("told %v before anything was lost", <-told)
	}
	for _, p := range w.c.Around(0) {
		p.Partition(true)
	}
	lost := strings.Repeat("lost", 2000) // more than the servers tell each other meanwhile
	w.must(speaks.Broadcast("lobby", lost))
	natstest.Eventually(t, "it is lost", func() bool {
		bytes := 0
		for _, p := range w.c.Around(0) {
			bytes += p.Lost()
		}
		return bytes > len(lost)
	})
	for _, p := range w.c.Around(0) {
		p.Partition(false)
		p.Cut()
	}
	arrives("after")
	natstest.Eventually(t, "the loss is told", func() bool { return len(told) > 0 })
	t.Logf("told %v", <-told)
}
