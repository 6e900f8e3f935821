package natsbroker_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

// presenceNetwork is a NATS server that a history kills and starts again, and connections
// that it kills.
func presenceNetwork(t *testing.T) brokertest.Network {
	s := startNATS(t)
	down := false
	connections := make(map[rooms.Broker]*nats.Conn)
	return brokertest.Network{
		Pace: 50 * time.Millisecond,
		Connect: func(t *testing.T) rooms.Broker {
			nc := s.connect(t)
			b := natsbroker.New(nc, nil)
			t.Cleanup(b.Close)
			connections[b] = nc
			return b
		},
		Kill: func(b rooms.Broker) { connections[b].Close() },
		Break: func(*rand.Rand) (string, func()) {
			if down {
				return "nothing", func() {}
			}
			down = true
			s.Stop(t)
			return "stop NATS", func() {
				down = false
				s.Start(t)
			}
		},
	}
}

// Contract 12.2 and 13.2 on NATS, which is killed and started again. The first is calm.
func TestPresenceHistories(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			brokertest.SimulatePresence(t, seed, presenceNetwork(t))
		})
	}
}
