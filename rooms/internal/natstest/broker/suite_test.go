package broker_test

import (
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

// Contract 10.2, 10.6: the suite on connections as recommended, and on nats.go's
// defaults, which echo and keep for later.
func TestSuite(t *testing.T) {
	tests := []struct {
		name    string
		options []nats.Option
	}{
		{name: "recommended"},
		{name: "nats.go's defaults", options: []nats.Option{
			func(o *nats.Options) error {
				o.NoEcho, o.ReconnectBufSize = false, nats.DefaultReconnectBufSize
				return nil
			},
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			brokertest.Run(t, func(t *testing.T) brokertest.Network {
				s := natstest.NewServer(t)
				return brokertest.Network{
					Connect: func(t *testing.T) rooms.Broker { return newBroker(t, s, test.options...) },
					Stop:    func(*testing.T) { s.Stop() },
					Start:   func(t *testing.T) { s.Start(t) },

					Subscriptions: s.Subscriptions,
				}
			})
		})
	}
}
