package natsbroker

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// ErrOutage says that the connection to NATS was broken: messages to the process, and
// those that it had just published, may be lost. Delivery has resumed when it is told,
// unless it also wraps nats.ErrConnectionClosed.
var ErrOutage = errors.New("natsbroker: the connection to NATS was broken")

// watchPeriod is how often the watcher looks.
const watchPeriod = 250 * time.Millisecond

// watcher finds out that there was an outage. It asks: nats.go's handlers belong to the
// program, and its status channels lose events when they come quickly, all later ones
// with them. But it counts its reconnects, so that no outage is too short to be seen.
type watcher struct {
	nc         *nats.Conn
	reconnects uint64 // that were told
	tell       func(outage error)
}

// run looks until quit is closed or the connection is closed for good.
func (w *watcher) run(quit <-chan struct{}) {
	tick := time.NewTicker(watchPeriod)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
		}
		if w.nc.IsClosed() {
			w.tell(fmt.Errorf("%w: %w", ErrOutage, nats.ErrConnectionClosed))
			return
		}
		w.look()
	}
}

// look tells of an outage that is over. It first waits until NATS has the subscriptions
// again, so that nothing is missed that is published after the rooms were told.
func (w *watcher) look() {
	reconnects := w.nc.Stats().Reconnects
	if reconnects == w.reconnects || !w.nc.IsConnected() {
		return
	}
	if w.nc.FlushTimeout(serverWait) != nil {
		return // broken again, or slow: the next look finds out
	}
	w.reconnects = reconnects
	w.tell(ErrOutage)
}
