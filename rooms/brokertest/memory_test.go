package brokertest_test

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// Contract 10.6.
func TestMemory(t *testing.T) {
	brokertest.Run(t, func(t *testing.T) brokertest.Network {
		var network brokertest.Memory
		return brokertest.Network{
			Connect: func(*testing.T) rooms.Broker { return network.Broker() },
			Stop:    func(*testing.T) { network.Stop() },
			Start:   func(*testing.T) { network.Start() },
		}
	})
}
