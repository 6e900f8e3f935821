package rooms

import (
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
	if next, ok = f.later.take(f.at); ok && !f.ended {
		f.giving = true
		return next, true
	}
	f.giving = false
	if f.ended {
		f.later = news{}
	} else if f.look || len(f.later.held) > 0 {
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
	f.ended, f.later = true, news{}
}

// news holds what a feed has received, and cannot give yet.
type news struct {
	held  map[Place]heldNews // by the place before
	bytes int
	reads int // how many reads have begun
}

type heldNews struct {
	Entry
	reads int // that had begun when it was received
}

// The limit of news, in bytes, and what an entry takes besides its data. It is what comes
// while a log that keeps little takes its time to answer: what is not held must be read.
const (
	maxNews  = 16 << 20
	newsHead = 128
)

// add returns false if there is no space.
func (h *news) add(n News) bool {
	if h.bytes+len(n.Data)+newsHead > maxNews {
		return false
	}
	h.put(n.Entry, n.Prev)
	return true
}

func (h *news) put(e Entry, prev Place) {
	if h.held == nil {
		h.held = make(map[Place]heldNews)
	}
	h.take(prev)
	h.bytes += len(e.Data) + newsHead
	h.held[prev] = heldNews{e, h.reads}
}

// take removes the entry after a place, if it is there.
func (h *news) take(after Place) (Entry, bool) {
	n, ok := h.held[after]
	if ok {
		delete(h.held, after)
		h.bytes -= len(n.Data) + newsHead
	}
	return n.Entry, ok
}
