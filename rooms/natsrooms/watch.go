package natsrooms

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// ErrOutage means that the connection to NATS was broken: messages to this process, and
// those that it had just published, may be lost. Then all rooms get it. Or it means that
// the connection was stuck when a room was subscribed, so that NATS learned of the room
// late. Then only that room gets it. In both cases delivery has resumed, unless the error
// also wraps nats.ErrConnectionClosed.
var ErrOutage = errors.New("natsrooms: the connection to NATS was broken or stood still")

// watchPeriod is the time between two looks.
const watchPeriod = 250 * time.Millisecond

// watcher notices outages. It polls, because nats.go's handlers belong to the program,
// and its status channels lose events that come quickly. nats.go counts its reconnects,
// so no outage is too short to be noticed.
//
// A short stall breaks no connection. But a room that was subscribed during the stall may
// have missed messages, so Subscribe counts it as unanswered.
type watcher struct {
	nc         *nats.Conn
	unanswered atomic.Uint64 // subscriptions
	tell       func(outage error, concerns func(s *subscription) bool)

	toldReconnects, toldUnanswered uint64 // the counts when tell was last called
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

// look calls tell if an outage is over. It first waits until NATS has the subscriptions
// that were sent before, so that after tell no message is missed.
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
