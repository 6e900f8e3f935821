package history

import (
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
)

// OnSim returns the network of a simulation: each broker is a new process's. Run its
// histories in a testing/synctest bubble.
func OnSim(s *sim.Network) Network {
	processes := make(map[rooms.Broker]*sim.Process)
	return Network{
		Connect: func(*testing.T) rooms.Broker {
			p := s.Start()
			processes[p.Broker()] = p
			return p.Broker()
		},
		Subscriptions: s.Subscriptions,
		Pace:          time.Second,
		Slowest:       time.Second, // as the contract says
		Kill:          func(b rooms.Broker) { processes[b].Kill() },
		Break:         s.Break,
	}
}
