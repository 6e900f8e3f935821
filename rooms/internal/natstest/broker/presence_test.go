package broker_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
)

// Contract 13.2, for section 12 on a real NATS: random histories of a presence, while
// proxies stall, cut, delay and swallow, and the server is restarted. The first is calm.
// They take real time: few of them.
func TestSimulatePresence(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := newCloud(t)
			n := history.Network{
				Connect:       c.connect,
				Subscriptions: c.server.Subscriptions,
				Pace:          40 * time.Millisecond,
			}
			if seed > 0 {
				n.Kill, n.Break = c.kill, c.breakSome
				// A partition must not take the ordinary 15 seconds.
				c.options = append(c.options, nats.PingInterval(500*time.Millisecond),
					nats.MaxPingsOutstanding(4))
			}
			history.Presence(t, seed, n)
		})
	}
}
