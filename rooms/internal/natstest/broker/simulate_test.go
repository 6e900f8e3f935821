package broker_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// The histories take real time: few of them.
var seeds = history.SeedFlags(4, 4)

// Contract 13.2, for sections 9 and 10 on a real NATS: the random histories of the
// simulation, while proxies stall, cut, delay and swallow, and the server is restarted.
// None is calm, so that a machine which stands still fails none: that is an outage, and
// it may be told.
func TestSimulate(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		history.Broadcasts(t, seed, newCloud(t, impatient...).Network())
	})
}

// impatient has an outage noticed and mended in two seconds, which is otherwise fifteen.
// On a slow machine there are more outages then, each of which is told.
var impatient = []nats.Option{
	nats.PingInterval(500 * time.Millisecond),
	nats.MaxPingsOutstanding(2),
	nats.Timeout(time.Second),
}

func newCloud(t *testing.T, options ...nats.Option) *history.Cloud {
	s := natstest.NewServer(t)
	return &history.Cloud{
		Server:        s,
		Subscriptions: s.Subscriptions,
		Connect: func(t *testing.T, address string, told func(error)) (rooms.Broker, func()) {
			nc := natstest.Connect(t, address, options...)
			b := natsrooms.NewBroker(nc, &natsrooms.BrokerOptions{OnOutage: told})
			t.Cleanup(b.Close)
			return b, nc.Close
		},
		Faults: []history.Fault{
			{Name: "the server is stopped", Begin: s.Stop, End: func() { s.Start(t) }},
		},
	}
}
