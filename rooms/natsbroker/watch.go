package natsbroker

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// ErrOutage says that the connection to NATS was broken: messages to the process, and
// those that it had just published, may be lost. All rooms are told. Or the connection
// stood still when a room was subscribed, so that NATS learned of it late: then that room
// alone is told. Delivery has resumed when it is told, unless it also wraps
// nats.ErrConnectionClosed.
var ErrOutage = errors.New("natsbroker: the connection to NATS was broken or stood still")

// watchPeriod is how often the watcher looks.
const watchPeriod = 250 * time.Millisecond

// watcher finds out that there was an outage. It asks: nats.go's handlers belong to the
// program, and its status channels lose events when they come quickly, all later ones
// with them. But it counts its reconnects, so that no outage is too short to be seen.
//
// A stall that ends soon enough breaks no connection. A room that was subscribed in it
// may have missed something all the same: Subscribe counts it as unanswered.
type watcher struct {
	nc         *nats.Conn
	unanswered atomic.Uint64 // subscriptions
	tell       func(outage error, concerns func(s *subscription) bool)

	toldReconnects, toldUnanswered uint64 // the counts of the last telling
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
			w.tell(fmt.Errorf("%w: %w", ErrOutage, nats.ErrConnectionClosed), everyRoom)
			return
		}
		w.look()
	}
}

// look tells of an outage that is over. It first waits until NATS has the subscriptions
// that were sent before, so that nothing is missed that is published after the rooms were
// told.
func (w *watcher) look() {
	reconnects, unanswered := w.nc.Stats().Reconnects, w.unanswered.Load()
	if reconnects == w.toldReconnects && unanswered == w.toldUnanswered {
		return
	}
	if !w.nc.IsConnected() || w.nc.FlushTimeout(serverWait) != nil {
		return // broken again, or slow: the next look finds out
	}
	concerns := everyRoom
	if told := w.toldUnanswered; reconnects == w.toldReconnects {
		concerns = func(s *subscription) bool { return told < s.late && s.late <= unanswered }
	}
	w.toldReconnects, w.toldUnanswered = reconnects, unanswered
	w.tell(ErrOutage, concerns)
}

func everyRoom(*subscription) bool { return true }
