package rooms

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// link is whether the carrier has opened a room. It is open while the room has members.
type link[M any] struct {
	mu    sync.Mutex // protects the fields below; no code of the program runs under it
	open  bool
	stale bool          // what is open misses something, and must be opened anew
	work  *linkWork[M]  // in progress, or nil
	retry *time.Timer   // runs after opening has failed
	pause time.Duration // before the next try
}

// linkWork is what one goroutine does at a link: it opens and closes the room until that
// fits the members.
type linkWork[M any] struct {
	room    *room[M]
	opening error // of the last call that was to open; only the goroutine uses it
	closing error // the same for closing
	timer   *time.Timer

	// done is closed when the goroutine ends, or by the timer, if all of it takes longer
	// than linkWait. Before that, err is set.
	done chan struct{}
	err  error
}

// linkWait is how long Join and Leave wait for a broker or a log. A log that keeps to its
// context needs only logWait.
const linkWait = logWait + time.Second

// errLate is what Join and Leave are told after linkWait. It does not name a call: there
// may have been several, each in its time.
var errLate = fmt.Errorf("not done after %v: %w", linkWait, context.DeadlineExceeded)

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
	<-w.done
	return w.err
}

// adjust starts the work, unless it is in progress. It returns nil if there is none.
func (r *Rooms[M]) adjust(room *room[M]) *linkWork[M] {
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
	w := &linkWork[M]{room: room, done: make(chan struct{})}
	w.timer = time.AfterFunc(linkWait, w.late)
	l.work = w
	go func() { recovered.Run(w, w.next(), (*linkWork[M]).called) }() // ends with the work
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

// next returns the next call of the carrier. If there is none, it ends the work.
func (w *linkWork[M]) next() func() error {
	switch c := w.room.rooms.carrier; {
	case w.rest():
		w.tell()
		return nil
	case w.room.link.open: // nobody else changes it
		return func() error { return c.close(w.room) }
	default:
		return func() error { return c.open(w.room) }
	}
}

// called notes the outcome of a call, and returns the next.
func (w *linkWork[M]) called(err error) func() error {
	w.note(err)
	return w.next()
}

func (w *linkWork[M]) note(err error) {
	l := &w.room.link
	if l.open {
		w.closing = wrap("unsubscribe from", w.room.name, err)
		w.room.dropRetained()
	} else {
		w.opening = wrap("subscribe to", w.room.name, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.open:
		l.open, l.stale = false, false
	case err == nil:
		l.open, l.pause = true, 0
	}
}

// tell reports what has failed. The work is over, so hooks may use the room.
func (w *linkWork[M]) tell() {
	w.timer.Stop()
	for _, err := range []error{w.closing, w.opening} {
		if err != nil {
			w.room.rooms.fail(w.room.name, err)
		}
	}
}

// rest reports whether there is nothing more to do, and ends the work. After a failure a
// timer tries again, so that the room needs no goroutine.
func (w *linkWork[M]) rest() bool {
	r, l := w.room.rooms, &w.room.link
	l.mu.Lock()
	defer l.mu.Unlock()
	fits := r.fits(w.room)
	if !fits && w.opening == nil {
		return false
	}
	if !fits {
		l.pause = min(max(firstRetry, 2*l.pause), lastRetry)
		l.retry = time.AfterFunc(l.pause, func() { r.adjust(w.room) })
	}
	l.work = nil
	w.end(w.opening)
	return true
}

// end ends the waiting, unless that is over. The caller holds the link's lock.
func (w *linkWork[M]) end(err error) (ended bool) {
	select {
	case <-w.done:
		return false
	default:
		w.err = err
		close(w.done)
		return true
	}
}

// late is called by the timer.
func (w *linkWork[M]) late() {
	l, name := &w.room.link, w.room.name
	err := wrap("subscribe to or unsubscribe from", name, errLate)
	l.mu.Lock()
	ended := w.end(err)
	l.mu.Unlock()
	if ended {
		w.room.rooms.fail(name, err)
	}
}
