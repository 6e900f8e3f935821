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
	return Network{
		Connect: func(*testing.T, func(error)) (rooms.Broker, func()) {
			p := s.Start()
			return p.Broker(), p.Kill
		},
		Subscriptions: s.Subscriptions,
		Pace:          time.Second,
		Slowest:       time.Second, // as the contract says
		Kills:         true,
		Break:         s.Break,
	}
}
