package rooms

import (
	"context"
	"sync"
	"time"
)

// feed passes the entries of a room's log to its members, in the order of the log. One
// goroutine at a time gives entries: the log's, which calls receive, or one that has read
// entries which receive was not given. When there is nothing to pass on, there is none.
type feed[M any] struct {
	*onLog[M]
	room *room[M]

	mu      sync.Mutex // protects the fields below
	at      Place      // of the last entry that was given to the members
	giving  bool       // a goroutine gives entries
	later   news       // to be given
	look    bool       // there may be entries that were not received: read
	reading bool       // a goroutine reads, or retry runs
	retry   *time.Timer
	pause   time.Duration // before the next try to read
	ended   bool
	chosen  chan struct{} // closed by release; nil if nobody waits for space
}

// receive is the function that the log calls.
func (f *feed[M]) receive(n News) {
	if n.Err != nil {
		f.Rooms.fail(f.room.name, wrap("follow", f.room.name, n.Err))
	}
	f.run(f.take(n))
}

// take returns n if it is next, and otherwise keeps it for later. If it returns ok, the
// caller must run the feed.
func (f *feed[M]) take(n News) (next Entry, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.awaitSpace(n)
	switch {
	case n.Seq == 0:
		f.look = true
	case n.Place == f.at: // twice
	case n.Prev == f.at && !f.giving && !f.ended:
		f.giving = true
		return n.Entry, true
	case !f.later.add(n):
		f.look = true
	}
	if f.giving {
		return Entry{}, false
	}
	return f.choose()
}

// awaitSpace waits until there is space for n, while another goroutine gives: the log may
// keep too little to read n later. It waits for at most logWait, because that goroutine
// may be in code of the program that waits for this one. The caller holds mu, which is
// unlocked meanwhile.
func (f *feed[M]) awaitSpace(n News) {
	if n.Seq == 0 || f.later.fits(n) {
		return
	}
	late := time.NewTimer(logWait)
	defer late.Stop()
	for over := false; !over && f.giving && !f.ended && !f.later.fits(n); {
		if f.chosen == nil {
			f.chosen = make(chan struct{})
		}
		chosen := f.chosen
		f.mu.Unlock()
		select {
		case <-chosen:
		case <-late.C:
			over = true
		}
		f.mu.Lock()
	}
}

// release wakes those that wait for space, after each choice and at the end. The caller
// holds mu.
func (f *feed[M]) release() {
	if f.chosen != nil {
		close(f.chosen)
		f.chosen = nil
	}
}

// start begins the feed after a place. Nothing was given before. The caller works at the
// link, and giving calls the program's code, so a goroutine does that.
func (f *feed[M]) start(after Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = after
	if next, ok := f.choose(); ok {
		go f.run(next, true) // ends when nothing is next
	}
}

// run gives entries to the members until none is next.
func (f *feed[M]) run(next Entry, ok bool) {
	for ; ok; next, ok = f.next() {
		f.give(next)
	}
}

func (f *feed[M]) next() (next Entry, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.choose()
}

// choose returns the entry after the last one given, if it is there. If not, but another
// is, or the log said so, it makes a goroutine read. The caller holds mu.
func (f *feed[M]) choose() (next Entry, ok bool) {
	defer f.release()
	if next, ok = f.later.take(f.at); ok && !f.ended {
		f.giving = true
		return next, true
	}
	f.giving = false
	if !f.ended && (f.look || len(f.later.held) > 0) {
		f.startRead()
	}
	return Entry{}, false
}

// give passes an entry to the members. Only the goroutine that gives calls it.
func (f *feed[M]) give(e Entry) {
	var msg sized[M]
	var except uint64
	ok := e.Data != nil
	if ok {
		msg, except, ok = f.openEntry(f.room.name, e)
	}
	f.room.sendAt(f, e.Place, msg, except, ok)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = e.Place
}

// end stops the feed. A give in progress finds that the room has another feed; a read and
// the timer find that this one has ended.
func (f *feed[M]) end() {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
	f.release()
}

// startRead makes a goroutine read, unless one does so. A timer that waits to read again
// waits no longer: there is a sign that the log is back. The caller holds mu.
func (f *feed[M]) startRead() {
	if f.reading && (f.retry == nil || !f.retry.Stop()) {
		return
	}
	f.reading, f.retry, f.look = true, nil, false
	f.later.reads++
	go f.read(f.at) // ends when the log has answered
}

// read reads the log after a place. If that fails, it was reported, and a timer reads
// again, so that no goroutine waits.
func (f *feed[M]) read(after Place) {
	ctx, cancel := context.WithTimeout(context.Background(), logWait)
	defer cancel()
	page, err := f.readPage(ctx, f.room.name, after)
	if err != nil {
		f.Rooms.fail(f.room.name, wrap("read", f.room.name, err))
		f.readLater()
		return
	}
	next, ok, gap := f.learn(after, page)
	if gap {
		f.Rooms.fail(f.room.name, wrap("read", f.room.name, ErrGap))
		f.restart()
	}
	f.run(next, ok)
}

func (f *feed[M]) readLater() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look = true
	f.pause = min(max(firstRetry, 2*f.pause), lastRetry)
	f.retry = time.AfterFunc(f.pause, f.readAgain)
}

// readAgain is called by the timer.
func (f *feed[M]) readAgain() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reading, f.retry = false, nil
	if !f.ended {
		f.startRead()
	}
}

// learn takes what was read. If it returns ok, the caller must run the feed. A gap ends
// the feed: the log does not have what comes next, and nobody has received it either.
func (f *feed[M]) learn(after Place, page Page) (next Entry, ok, gap bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reading, f.pause = false, 0
	switch {
	case f.ended:
		return Entry{}, false, false
	case page.Whole:
		f.look = f.look || page.More && len(page.Entries) > 0
		f.later.addPage(page, after, f.at)
	case f.giving || f.at != after || f.later.has(f.at):
		f.look = true // what the log has dropped meanwhile was received
	default:
		f.ended = true
		return Entry{}, false, true
	}
	if f.giving {
		return Entry{}, false, false
	}
	next, ok = f.choose()
	return next, ok, false
}

// restart removes all members, since only a new JoinAfter can tell a client that messages
// are gone, and makes the room follow the log anew. Who joins meanwhile waits for that.
func (f *feed[M]) restart() {
	l := &f.room.link
	l.mu.Lock()
	if f.room.removeAll(f) {
		l.stale = true
	}
	l.mu.Unlock()
	f.adjust(f.room)
}
