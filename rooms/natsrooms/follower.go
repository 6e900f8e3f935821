package natsrooms

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
)

// follower is a room that this process follows. Its methods may be called on nil, which
// follows nothing.
type follower struct {
	room    string
	receive func(rooms.News)
	breaks  func() uint64 // of the connection, so far
	sub     subscription
	pool.Gate

	mu    sync.Mutex // protects the fields below
	heard bool       // something came
	end   end
	known uint64    // end is true if there was no break since this one, plus 1
	born  time.Time // when the last message was appended, or later

	// awaited has, by tag, who waits for an entry of this process; each has room for it.
	awaited map[uint64]chan stored
}

func (f *follower) subscription() *subscription { return &f.sub }

// Receive implements pool.Room. A message that is not linked, or not from the stream,
// only makes the room look.
func (f *follower) Receive(msg *nats.Msg) {
	e, ok := parse(msg)
	if !ok {
		return
	}
	before := f.take(e)
	switch {
	case !f.Passes() || e.Mark && e.End() == before:
	case e.Linked && !e.Mark:
		f.receive(rooms.News{Entry: e.Entry, Prev: e.Prev})
	default:
		f.receive(rooms.News{})
	}
}

// take notes a new message, and returns the place before it.
func (f *follower) take(e stored) (before rooms.Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before = f.end.place
	f.end, f.known, f.born = e.end(), f.breaks()+1, time.Now()
	if echo := f.awaited[e.Tag]; echo != nil {
		echo <- e
		delete(f.awaited, e.Tag)
	}
	f.heard = true
	return before
}

// Lose implements pool.Room.
func (f *follower) Lose(loss error) {
	f.mu.Lock()
	if loss != nil {
		f.known = 0
	}
	f.mu.Unlock()
	if f.Passes() {
		f.receive(rooms.News{Err: loss})
	}
}

// setEnd notes the end of the room, as it was found while the connection had had so
// many breaks.
func (f *follower) setEnd(e end, breaks uint64, born time.Time) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known == breaks+1 && f.end.seq >= e.seq {
		return // it has heard that, and perhaps more
	}
	f.end, f.known, f.born = e, breaks+1, born
}

// knownEnd returns the end of the room. It returns false if messages may have been
// missed.
func (f *follower) knownEnd(breaks uint64) (e end, ok bool) {
	if f == nil {
		return end{}, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.end, f.known == breaks+1
}

// await returns a channel that gets the entry with a tag when it comes, until forget is
// called.
func (f *follower) await(tag uint64) <-chan stored {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.awaited == nil {
		f.awaited = make(map[uint64]chan stored)
	}
	echo := make(chan stored, 1)
	f.awaited[tag] = echo
	return echo
}

func (f *follower) forget(tag uint64) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.awaited, tag)
}

// hasHeard reports whether something came since the follower began.
func (f *follower) hasHeard() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.heard
}

// bornAt returns when the last entry was appended, or a later time.
func (f *follower) bornAt() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.born
}
