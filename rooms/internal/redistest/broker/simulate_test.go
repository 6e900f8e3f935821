//go:build linux

package broker_test

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// The histories take real time: few of them.
var seeds = history.SeedFlags(4, 4)

// Contract 13.2, for sections 9 and 10 on a real Redis: the random histories of the
// simulation, while proxies stall, cut, delay and swallow, and the server is killed or
// stands still. None is calm, so that a machine which stands still fails none: that is
// an outage, and it may be told.
func TestSimulate(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		history.Broadcasts(t, seed, newCloud(t).Network())
	})
}

// Contract 13.2, for section 12 on a real Redis. The first is calm.
func TestSimulatePresence(t *testing.T) {
	t.Parallel()
	history.Presences(t, 4, newCloud)
}

func newCloud(t *testing.T) *history.Cloud {
	s := redistest.NewServer(t)
	admin := s.Connect(t)
	return &history.Cloud{
		Server:        s,
		Subscriptions: func() int { return redistest.Subscriptions(t, admin, "rooms:b:*") },
		Connect: func(t *testing.T, address string, told func(error)) (rooms.Broker, func()) {
			c := redistest.Connect(t, address)
			b := redisrooms.NewBroker(c, &redisrooms.BrokerOptions{OnOutage: told})
			t.Cleanup(b.Close)
			return b, func() { c.Close() }
		},
		Faults: []history.Fault{
			{Name: "the server is killed", Begin: s.Kill, End: func() { s.Start(t) }},
			{Name: "the server stands still", Begin: s.Pause, End: s.Resume},
		},
	}
}
