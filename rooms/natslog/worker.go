package natslog

import (
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// worker hands the messages of its share of the rooms to them. All its subscriptions feed
// one channel: a subscription with a callback would cost a goroutine each.
type worker struct {
	log      *Log
	messages chan *nats.Msg
	wake     chan struct{} // there is something due
	conns    uint64        // how many connections there were; only run uses it

	mu        sync.Mutex // protects what follows
	followers map[string]*follower
	due       map[*follower]error // who is to look, and why
	closed    bool
}

func newWorker(l *Log) *worker {
	return &worker{
		log:       l,
		messages:  make(chan *nats.Msg, l.options.Pending),
		wake:      make(chan struct{}, 1),
		conns:     l.nc.Stats().Reconnects,
		followers: make(map[string]*follower),
		due:       make(map[*follower]error),
	}
}

func (w *worker) enter(live string, f *follower) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.closed:
		return ErrClosed
	case w.followers[live] != nil:
		return ErrFollowed
	}
	w.followers[live] = f
	return nil
}

// leave takes a follower out, if it is still in.
func (w *worker) leave(live string) *follower {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.followers[live]
	delete(w.followers, live)
	delete(w.due, f)
	return f
}

func (w *worker) follower(live string) *follower {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.followers[live]
}

func (w *worker) all() map[string]*follower {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make(map[string]*follower, len(w.followers))
	for live, f := range w.followers {
		all[live] = f
	}
	return all
}

// lookLater lets the worker's goroutine tell a follower to look, since it is the only one
// that may.
func (w *worker) lookLater(f *follower, reason error) {
	w.mu.Lock()
	if w.due[f] == nil {
		w.due[f] = reason
	}
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *worker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for live, f := range w.followers {
		delete(w.followers, live)
		_ = end(f.sub)
	}
}

// run ends when the log is closed. A channel that was full when a message was taken may
// have made nats.go drop others, which it says only in the connection's error handler;
// that is the program's. So run asks, when it has caught up, or after as many messages as
// the channel holds.
func (w *worker) run() {
	full, taken := false, 0
	for {
		select {
		case <-w.log.quit:
			return
		case <-w.wake:
			w.tellDue()
		case msg := <-w.messages:
			full = full || len(w.messages) >= cap(w.messages)-1
			taken++
			w.hand(msg)
		}
		if full && (len(w.messages) == 0 || taken >= cap(w.messages)) {
			full, taken = false, 0
			w.tellDropped()
		}
	}
}

// hand gives a message to its room. Before the first one of a new connection, all rooms
// have to look: others may have been sent while there was none.
func (w *worker) hand(msg *nats.Msg) {
	if conns := w.log.nc.Stats().Reconnects; conns != w.conns {
		w.conns = conns
		w.breakAll()
		w.tellDue()
	}
	f := w.follower(msg.Subject)
	if f == nil {
		return
	}
	e, _, ok := entry(msg)
	last, err := strconv.ParseUint(stamped(msg, jetstream.LastSequenceHeader), 10, 64)
	if !ok || err != nil {
		return // not from the stream
	}
	if news, ok := f.news(e, last); ok {
		f.receive(news)
	}
}

// breakAll lets all rooms look.
func (w *worker) breakAll() {
	whole := w.log.stream.wholeUntil()
	for _, f := range w.all() {
		f.breakAt(whole)
		w.lookLater(f, nil)
	}
}

func (w *worker) tellDue() {
	w.mu.Lock()
	due := w.due
	w.due = make(map[*follower]error)
	w.mu.Unlock()
	for f, reason := range due {
		f.receive(rooms.News{Err: reason})
	}
}

func (w *worker) tellDropped() {
	whole := w.log.stream.wholeUntil()
	for _, f := range w.all() {
		n, err := f.sub.Dropped()
		if err == nil && n > f.dropped {
			f.breakAt(whole)
			reason := fmt.Errorf("%d messages dropped: %w", n-f.dropped, nats.ErrSlowConsumer)
			f.dropped = n
			f.receive(rooms.News{Err: reason})
		}
	}
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
