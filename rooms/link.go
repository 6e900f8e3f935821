package rooms

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// link is whether the carrier has opened a room. It is open while the room has members.
type link struct {
	mu    sync.Mutex // protects the fields below; no code of the program runs under it
	open  bool
	stale bool          // what is open misses something, and must be opened anew
	work  *linkWork     // in progress, or nil
	retry *time.Timer   // runs after opening has failed
	pause time.Duration // before the next try
}

// linkWork is what one goroutine does at a link: it opens and closes the room until that
// fits the members.
type linkWork struct {
	err  error         // of opening; read it when done is closed
	done chan struct{} // closed by the goroutine when it ends
	late chan struct{} // closed by a timer, if the goroutine takes longer than linkWait
}

// linkWait is how long Join and Leave wait for a broker or a log. A log that keeps to its
// context needs only logWait.
const linkWait = logWait + time.Second

var errLate = fmt.Errorf("no answer after %v: %w", linkWait, context.DeadlineExceeded)

// The pauses before the next try; each is twice the one before, up to the last.
const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
)

// settle opens a room that has members, and closes and forgets one that has none. Call it
// after each change that may matter. All who call it during the work share its outcome. If
// the carrier does not return, settle does, and the work goes on. OnError gets the errors.
func (r *Rooms[M]) settle(room *room[M]) error {
	w := r.adjust(room)
	if w == nil {
		return nil
	}
	select {
	case <-w.done:
		return w.err
	case <-w.late:
		return wrap("subscribe to", room.name, errLate)
	}
}

// adjust starts the work, unless it is in progress. It returns nil if there is none.
func (r *Rooms[M]) adjust(room *room[M]) *linkWork {
	l := &room.link
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.work != nil {
		return l.work
	}
	if l.retry != nil {
		l.retry.Stop()
	}
	if r.fits(room) {
		return nil
	}
	w := &linkWork{done: make(chan struct{}), late: make(chan struct{})}
	l.work = w
	go r.work(room, w) // ends when the room fits, or opening has failed
	return w
}

// fits reports whether the room is open as its members want it. It forgets a room that is
// closed and has no members: only now can another of the same name open. The caller holds
// the link's lock.
func (r *Rooms[M]) fits(room *room[M]) bool {
	l := &room.link
	if !l.open && room.die() {
		r.forget(room)
		return true
	}
	return l.open == (room.len() > 0) && !l.stale
}

func (r *Rooms[M]) work(room *room[M], w *linkWork) {
	late := time.AfterFunc(linkWait, func() {
		close(w.late)
		r.fail(room.name, wrap("subscribe to", room.name, errLate))
	})
	defer late.Stop()
	var closing error
	for !r.rest(room, w) {
		if room.link.open { // nobody else changes it
			closing = r.call("unsubscribe from", room, r.carrier.close)
			room.link.closed()
			room.dropRetained()
			continue
		}
		if w.err = r.call("subscribe to", room, r.carrier.open); w.err == nil {
			room.link.opened()
		}
	}
	for _, err := range []error{closing, w.err} { // the work is over: hooks may use the room
		if err != nil {
			r.fail(room.name, err)
		}
	}
}

func (r *Rooms[M]) call(what string, room *room[M], f func(*room[M]) error) error {
	return wrap(what, room.name, recovered.Apart(func() error { return f(room) }))
}

func (l *link) closed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open, l.stale = false, false
}

func (l *link) opened() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open, l.pause = true, 0
}

// rest reports whether there is nothing more to do, and ends the work. After a failure a
// timer tries again, so that the room needs no goroutine.
func (r *Rooms[M]) rest(room *room[M], w *linkWork) bool {
	l := &room.link
	l.mu.Lock()
	defer l.mu.Unlock()
	fits := r.fits(room)
	if !fits && w.err == nil {
		return false
	}
	if !fits {
		l.pause = min(max(firstRetry, 2*l.pause), lastRetry)
		l.retry = time.AfterFunc(l.pause, func() { r.adjust(room) })
	}
	l.work = nil
	close(w.done)
	return true
}
