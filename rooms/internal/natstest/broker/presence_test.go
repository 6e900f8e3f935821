package broker_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
)

// Contract 13.2, for section 12 on a real NATS: random histories of a presence, while
// proxies stall, cut, delay and swallow, and the server is restarted. The first is calm.
// They take real time: few of them.
func TestSimulatePresence(t *testing.T) {
	t.Parallel()
	history.Presences(t, 4, func(t *testing.T) *history.Cloud {
		// A partition must not take the ordinary 15 seconds.
		return newCloud(t, nats.PingInterval(500*time.Millisecond), nats.MaxPingsOutstanding(4))
	})
}
