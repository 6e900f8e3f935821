package natsrooms

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/nats-io/nats.go"
)

// worker passes messages to its share of the rooms. All its subscriptions use one
// channel, because a subscription with a callback would cost a goroutine.
type brokerWorker struct {
	messages chan *nats.Msg
	owes     chan struct{} // capacity 1; some subscription has an owed error
	newest   generations   // only the worker's goroutine uses it

	mu     sync.Mutex // protects subs, and sub, late and owed in each of them
	subs   map[string]*subscription
	closed bool
}

type subscription struct {
	sub     *nats.Subscription // nil while subscribing
	receive func(data []byte, lost error)
	late    uint64 // its number among those that NATS did not answer in time, 0 if it did
	owed    error  // to be passed to receive
	dropped int    // reported so far; only the worker's goroutine uses it
}

func newBrokerWorker(pending int) *brokerWorker {
	return &brokerWorker{
		messages: make(chan *nats.Msg, pending),
		owes:     make(chan struct{}, 1),
		newest:   make(generations),
		subs:     make(map[string]*subscription),
	}
}

// subscribe enters the subscription before NATS knows of it, because the first message
// may arrive before ChanSubscribe returns.
func (w *brokerWorker) subscribe(
	nc *nats.Conn, subject string, receive func([]byte, error),
) error {
	s := &subscription{receive: receive}
	if err := w.enter(subject, s); err != nil {
		return err
	}
	sub, err := nc.ChanSubscribe(subject, w.messages)
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err != nil:
		delete(w.subs, subject)
		return err
	case w.closed: // since enter
		_ = end(sub)
		return ErrClosed
	}
	s.sub = sub
	return nil
}

func (w *brokerWorker) enter(subject string, s *subscription) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return ErrClosed
	}
	if w.subs[subject] != nil {
		return ErrSubscribed
	}
	w.subs[subject] = s
	return nil
}

// unsubscribe removes the subscription before it ends it, so that messages waiting in the
// channel are dropped.
func (w *brokerWorker) unsubscribe(subject string) error {
	w.mu.Lock()
	var sub *nats.Subscription
	if s := w.subs[subject]; s != nil {
		sub = s.sub
	}
	delete(w.subs, subject)
	w.mu.Unlock()
	return end(sub)
}

// end ends a subscription. It is not an error if sub is nil or the connection is closed.
func end(sub *nats.Subscription) error {
	err := sub.Unsubscribe()
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrBadSubscription) {
		return nil
	}
	return err
}

func (w *brokerWorker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for subject, s := range w.subs {
		delete(w.subs, subject)
		if s.sub != nil {
			_ = end(s.sub)
		}
	}
}

// run ends when quit is closed. If the channel was full, nats.go may have dropped
// messages. It reports that only to the connection's error handler, which belongs to
// the program. So run asks nats.go, once the channel is empty, or after as many
// messages as it holds.
func (w *brokerWorker) run(quit <-chan struct{}) {
	full, taken := false, 0
	for {
		select {
		case <-quit:
			return
		case msg := <-w.messages:
			full = full || len(w.messages) >= cap(w.messages)-1
			taken++
			w.hand(msg)
		case <-w.owes:
			w.tellOwed()
		}
		if full && (len(w.messages) == 0 || taken >= cap(w.messages)) {
			full, taken = false, 0
			w.tellDropped()
		}
	}
}

// hand passes a message to its room. A message without a stamp goes to the room as it is.
func (w *brokerWorker) hand(msg *nats.Msg) {
	from, data, ok := unseal(msg.Data)
	if !ok {
		data = msg.Data
	} else if w.newest.late(from) {
		return
	}
	w.mu.Lock()
	s := w.subs[msg.Subject]
	w.mu.Unlock()
	if s != nil {
		s.receive(data, nil)
	}
}

// setLate counts a subscription that NATS did not answer in time, and numbers it. A
// watcher that reads the count later, and reports to all up to it, includes this one.
func (w *brokerWorker) setLate(subject string, count *atomic.Uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.subs[subject]; s != nil {
		s.late = count.Add(1)
	}
}

// tell makes the worker's goroutine report a loss to the rooms that it concerns. So a
// room that unsubscribes in the meantime is not called. tell does not block. A later
// loss replaces an earlier one that was not reported yet.
func (w *brokerWorker) tell(lost error, concerns func(s *subscription) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.subs {
		if s.sub != nil && concerns(s) {
			s.owed = lost
		}
	}
	select {
	case w.owes <- struct{}{}:
	default:
	}
}

func (w *brokerWorker) tellOwed() {
	for _, s := range w.all() {
		if lost := w.takeOwed(s); lost != nil {
			s.receive(nil, lost)
		}
	}
}

func (w *brokerWorker) takeOwed(s *subscription) (lost error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost, s.owed = s.owed, nil
	return lost
}

func (w *brokerWorker) tellDropped() {
	for _, s := range w.all() {
		n, err := s.sub.Dropped()
		if err == nil && n > s.dropped {
			missed := n - s.dropped
			s.receive(nil, fmt.Errorf("%d messages dropped: %w", missed, nats.ErrSlowConsumer))
			s.dropped = n
		}
	}
}

func (w *brokerWorker) all() []*subscription {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]*subscription, 0, len(w.subs))
	for _, s := range w.subs {
		if s.sub != nil {
			all = append(all, s)
		}
	}
	return all
}
