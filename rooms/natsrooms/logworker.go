package natsrooms

import (
	"fmt"
	"strconv"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// worker passes messages to its share of the rooms. All its subscriptions use one
// channel, because a subscription with a callback would cost a goroutine.
type logWorker struct {
	log      *Log
	messages chan *nats.Msg
	wake     chan struct{} // capacity 1; due is not empty
	conns    uint64        // connections so far; only run uses it

	mu        sync.Mutex // protects the fields below
	followers map[string]*follower
	due       map[*follower]error // followers that must look, and the reason or nil
	closed    bool
}

func newLogWorker(l *Log) *logWorker {
	return &logWorker{
		log:       l,
		messages:  make(chan *nats.Msg, l.options.Pending),
		wake:      make(chan struct{}, 1),
		conns:     l.nc.Stats().Reconnects,
		followers: make(map[string]*follower),
		due:       make(map[*follower]error),
	}
}

func (w *logWorker) enter(live string, f *follower) error {
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

// leave removes and returns a follower, or returns nil if there is none.
func (w *logWorker) leave(live string) *follower {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := w.followers[live]
	delete(w.followers, live)
	delete(w.due, f)
	return f
}

func (w *logWorker) follower(live string) *follower {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.followers[live]
}

func (w *logWorker) all() map[string]*follower {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make(map[string]*follower, len(w.followers))
	for live, f := range w.followers {
		all[live] = f
	}
	return all
}

// lookLater makes the worker's goroutine tell a follower to look. No other goroutine may
// call receive.
func (w *logWorker) lookLater(f *follower, reason error) {
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

func (w *logWorker) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for live, f := range w.followers {
		delete(w.followers, live)
		_ = end(f.sub)
	}
}

// run ends when the log is closed. If the channel was full, nats.go may have dropped
// messages. It reports that only to the connection's error handler, which belongs to
// the program. So run asks nats.go, once the channel is empty, or after as many
// messages as it holds.
func (w *logWorker) run() {
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

// hand passes a message to its room. Before the first message of a new connection, all
// rooms must look, because messages may have been sent while there was no connection.
func (w *logWorker) hand(msg *nats.Msg) {
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

// breakAll makes all rooms look.
func (w *logWorker) breakAll() {
	whole := w.log.stream.wholeUntil()
	for _, f := range w.all() {
		f.breakAt(whole)
		w.lookLater(f, nil)
	}
}

func (w *logWorker) tellDue() {
	w.mu.Lock()
	due := w.due
	w.due = make(map[*follower]error)
	w.mu.Unlock()
	for f, reason := range due {
		f.receive(rooms.News{Err: reason})
	}
}

func (w *logWorker) tellDropped() {
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
