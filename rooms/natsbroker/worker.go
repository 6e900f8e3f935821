package natsbroker

import (
	"errors"
	"fmt"
	"sync"

	"github.com/nats-io/nats.go"
)

// worker hands the messages of its share of the rooms to them. All its subscriptions feed
// one channel: a subscription with a callback would cost a goroutine each.
type worker struct {
	messages chan *nats.Msg
	lost     chan error  // what all rooms have to be told
	newest   generations // only the worker's goroutine uses it

	mu     sync.Mutex // protects subs, and sub in each of them
	subs   map[string]*subscription
	closed bool
}

type subscription struct {
	sub     *nats.Subscription // nil while subscribing
	receive func(data []byte, lost error)
	dropped int // told so far; only the worker's goroutine uses it
}

func newWorker(pending int) *worker {
	return &worker{
		messages: make(chan *nats.Msg, pending),
		lost:     make(chan error, 1),
		newest:   make(generations),
		subs:     make(map[string]*subscription),
	}
}

// subscribe enters the subscription before NATS knows of it: the first message may be
// here before ChanSubscribe returns.
func (w *worker) subscribe(nc *nats.Conn, subject string, receive func([]byte, error)) error {
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
	case w.closed: // meanwhile
		_ = end(sub)
		return ErrClosed
	}
	s.sub = sub
	return nil
}

func (w *worker) enter(subject string, s *subscription) error {
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

// unsubscribe forgets the subscription before it ends it, so that what waits in the
// channel is dropped.
func (w *worker) unsubscribe(subject string) error {
	w.mu.Lock()
	var sub *nats.Subscription
	if s := w.subs[subject]; s != nil {
		sub = s.sub
	}
	delete(w.subs, subject)
	w.mu.Unlock()
	return end(sub)
}

// end ends a subscription. None, or none any more since the connection is closed, is no
// error.
func end(sub *nats.Subscription) error {
	err := sub.Unsubscribe()
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrBadSubscription) {
		return nil
	}
	return err
}

func (w *worker) close() {
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

// run ends when quit is closed. A channel that was full when a message was taken may have
// made nats.go drop others, which it says only in the connection's error handler; that is
// the program's. So run asks, when it has caught up, or after as many messages as the
// channel holds.
func (w *worker) run(quit <-chan struct{}) {
	full, taken := false, 0
	for {
		select {
		case <-quit:
			return
		case msg := <-w.messages:
			full = full || len(w.messages) >= cap(w.messages)-1
			taken++
			w.hand(msg)
		case lost := <-w.lost:
			w.tellAll(lost)
		}
		if full && (len(w.messages) == 0 || taken >= cap(w.messages)) {
			full, taken = false, 0
			w.tellDropped()
		}
	}
}

// hand gives a message to its room. What no broker has stamped is the rooms' to judge.
func (w *worker) hand(msg *nats.Msg) {
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

// tell has the rooms told, by the worker's own goroutine: one that is unsubscribed is not
// called any more. It does not block; one error that waits tells of both.
func (w *worker) tell(lost error) {
	select {
	case w.lost <- lost:
	default:
	}
}

func (w *worker) tellAll(lost error) {
	for _, s := range w.all() {
		s.receive(nil, lost)
	}
}

func (w *worker) tellDropped() {
	for _, s := range w.all() {
		n, err := s.sub.Dropped()
		if err == nil && n > s.dropped {
			s.receive(nil, fmt.Errorf("%d messages dropped: %w", n-s.dropped, nats.ErrSlowConsumer))
			s.dropped = n
		}
	}
}

func (w *worker) all() []*subscription {
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
