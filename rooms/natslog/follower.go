package natslog

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// follower is a room that this process follows.
type follower struct {
	log     *Log
	receive func(rooms.News)
	sub     *nats.Subscription // set before it is ready
	dropped int                // told so far; only the worker's goroutine uses it

	mu     sync.Mutex // protects what follows
	ready  bool       // end is known
	early  bool       // a message came before that
	end    rooms.Place
	broken time.Time // until when nothing had been missed; zero while nothing is
	breaks int
}

// followerState is what a reader has to know of a follower.
type followerState struct {
	end    rooms.Place
	whole  time.Time // after end, nothing was missed until then, by the stream's clock
	breaks int
}

// state of no follower is the zero state, of no place.
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

// start sets the end of the log before what is followed.
func (f *follower) start(end rooms.Place) (early bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ready, f.end = true, end
	return f.early
}

// breakAt says that something may have been missed since a time.
func (f *follower) breakAt(whole time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.breaks++
	if f.broken.IsZero() {
		f.broken = whole
	}
}

// hasRead says that the entries were read after what state says, up to the end of the
// log: unless it was broken again meanwhile, nothing is missed.
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

// news turns a message that was republished into what the room is told. Last is the
// sequence of the one before, as the stream says.
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
