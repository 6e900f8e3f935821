package natsrooms

import (
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// follower is a room that this process follows.
type follower struct {
	log     *Log
	receive func(rooms.News)
	sub     *subscription // set before it is subscribed in the pool

	mu     sync.Mutex // protects the fields below
	ready  bool       // end is known
	early  bool       // a message came before end was known
	end    rooms.Place
	broken time.Time // nothing was missed until then; zero if nothing was missed at all
	breaks int       // how often something may have been missed
}

// Receive implements pool.Room.
func (f *follower) Receive(msg *nats.Msg) {
	e, _, ok := entry(msg)
	last, err := strconv.ParseUint(stamped(msg, jetstream.LastSequenceHeader), 10, 64)
	if !ok || err != nil {
		return // not from the stream
	}
	if news, ok := f.news(e, last); ok {
		f.receive(news)
	}
}

// Lose implements pool.Room.
func (f *follower) Lose(loss error) {
	if errors.Is(loss, nats.ErrSlowConsumer) {
		f.breakAt(f.log.stream.wholeUntil())
	}
	f.receive(rooms.News{Err: loss})
}

// followerState is what Read needs to know of a follower.
type followerState struct {
	end    rooms.Place
	whole  time.Time // after end, nothing was missed until then, by the stream's clock
	breaks int
}

// state returns the zero state for a nil follower.
func (f *follower) state() followerState {
	if f == nil {
		return followerState{}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	whole := f.broken
	if whole.IsZero() {
		whole = f.log.stream.wholeUntil()
	}
	return followerState{end: f.end, whole: whole, breaks: f.breaks}
}

// start sets the place after which the room is followed. It reports whether a message
// came too early.
func (f *follower) start(end rooms.Place) (early bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ready, f.end = true, end
	return f.early
}

// breakAt notes that messages may have been missed since the time whole.
func (f *follower) breakAt(whole time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.breaks++
	if f.broken.IsZero() {
		f.broken = whole
	}
}

// hasRead notes that entries were read, from state.end to the end of the log. Unless
// there was another break since state was taken, nothing is missing now.
func (f *follower) hasRead(state followerState, entries []rooms.Entry) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.breaks != state.breaks {
		return
	}
	f.broken = time.Time{}
	if n := len(entries); n > 0 && entries[n-1].Seq > f.end.Seq {
		f.end = entries[n-1].Place
	}
}

// news turns a republished entry into News for the room: the entry itself, or to look if
// last, the sequence of the entry before it in the stream, is not the follower's end. ok
// is false if there is nothing to pass on yet.
func (f *follower) news(e rooms.Entry, last uint64) (news rooms.News, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.ready {
		f.early = true
		return rooms.News{}, false
	}
	if last == 0 || last != f.end.Seq {
		return rooms.News{}, true
	}
	news = rooms.News{Entry: e, Prev: f.end}
	f.end = e.Place
	return news, true
}
