//go:build linux

package cluster_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
)

// Contract 13.2, for sections 9 and 10 on a cluster: clients and servers lose each other,
// and servers are killed and stand still.
func TestBroadcasts(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		w := newWorld(t, 3, logOptions{})
		brokers := make(map[rooms.Broker]*process)
		history.Broadcasts(t, seed, history.Network{
			Connect: func(*testing.T) rooms.Broker {
				p := w.connectBroker()
				brokers[p.broker] = p
				return p.broker
			},
			Outages: func(b rooms.Broker, told func(error)) { brokers[b].told.Store(&told) },
			Kill:    func(b rooms.Broker) { w.kill(brokers[b]) },
			Break:   w.breakBroadcasts,
			Pace:    100 * time.Millisecond,
			Slowest: 30 * time.Second,
		})
	})
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
