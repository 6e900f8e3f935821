package rooms

import (
	"sync"
	"time"
)

// feed passes the entries of a room's log to its members, in the order of the log. One
// goroutine at a time works on a feed: the log's, which calls receive, or one that reads
// entries which receive was not given. When there is nothing to pass on, there is none.
type feed[M any] struct {
	*onLog[M]
	room *room[M]

	mu    sync.Mutex // protects the fields below
	at    Place      // of the last entry that was given to the members
	busy  bool       // a goroutine is working on the feed, or retry is running
	later []News     // received while busy, in order
	look  bool       // there may be entries that were not received: read
	retry *time.Timer
	pause time.Duration // before the next try to read
	ended bool
}

// maxLater limits what is kept while a goroutine reads. Whatever exceeds it is read too.
const maxLater = 256

// receive is the function that the log calls.
func (f *feed[M]) receive(n News) {
	if n.Err != nil {
		f.Rooms.fail(f.room.name, wrap("follow", f.room.name, n.Err))
	}
	if f.take(n) {
		f.run()
	}
}

// take keeps n for later. It reports whether the caller must run the feed.
func (f *feed[M]) take(n News) (mine bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case n.Seq == 0 || len(f.later) == maxLater:
		f.look = true // after what was received
	default:
		f.later = append(f.later, n)
	}
	if f.busy && f.retry != nil && f.retry.Stop() { // the log is back: try now
		f.retry = nil
		f.busy = false
	}
	if f.busy {
		return false
	}
	f.busy = true
	return true
}

// start begins the feed after a place. The caller has a turn of the link, and passing on
// what was told before calls the user's code, so a goroutine does that.
func (f *feed[M]) start(after Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = after
	if f.busy = len(f.later) > 0 || f.look; f.busy {
		go f.run() // ends when nothing is next
	}
}

// run gives entries to the members until nothing is left. If it has to read, it starts a
// goroutine for that, because its caller is the log's.
func (f *feed[M]) run() {
	for {
		next, look := f.next()
		switch {
		case look:
			go f.read() // ends when nothing is missing, or when reading fails
			return
		case next == nil:
			return
		}
		f.give(*next)
	}
}

// next returns the entry after the last one given. If that was not received, look is
// true. If there is nothing to do, next returns nil and false, and the feed is no
// longer busy.
func (f *feed[M]) next() (next *Entry, look bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		f.busy, f.later = false, nil
		return nil, false
	}
	for i, n := range f.later {
		if n.Prev == f.at {
			f.later = f.later[i+1:]
			return &n.Entry, false
		}
	}
	// No entry fits. If the last one was given already, so were those before it.
	known := len(f.later) == 0 || f.later[len(f.later)-1].Place == f.at
	look = f.look || !known
	f.later, f.look = nil, false
	f.busy = look
	return nil, look
}

// give passes an entry to the members. Only the goroutine that works on the feed calls
// it.
func (f *feed[M]) give(e Entry) {
	var msg sized[M]
	var except uint64
	ok := e.Data != nil
	if ok {
		msg, except, ok = f.openEntry(f.room.name, e)
	}
	f.room.sendAt(f, e.Place, msg, except, ok)
	f.setAt(e.Place)
}

func (f *feed[M]) setAt(place Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = place
}

// end stops the feed. A give in progress finds that the room has another feed; the timer
// finds that this one has ended.
func (f *feed[M]) end() {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
}
