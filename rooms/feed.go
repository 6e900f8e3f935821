package rooms

import (
	"sync"
	"time"
)

// feed gives the members of a room what is in its log, in the order of the log. One
// goroutine at a time does that, whoever found it at rest: the one that tells the room of
// a new entry, or one that reads, when entries were left out. There is none at rest.
type feed[M any] struct {
	room *room[M]

	mu    sync.Mutex // protects what follows
	at    Place      // of the entry that the members were given last
	busy  bool       // a goroutine is at it, or retry is
	later []News     // told meanwhile, in order
	look  bool       // there may be entries that nobody told of
	retry *time.Timer
	pause time.Duration // before the next try to read
	ended bool
}

// maxLater bounds what is held while a goroutine reads. More is read as well.
const maxLater = 256

// receive is what the log calls.
func (f *feed[M]) receive(n News) {
	if n.Err != nil {
		f.room.rooms.fail(f.room.name, wrap("follow", f.room.name, n.Err))
	}
	if f.take(n) {
		f.run()
	}
}

// take notes what is new, and reports whether the caller has to work it off.
func (f *feed[M]) take(n News) (mine bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case n.Seq == 0 || len(f.later) == maxLater:
		f.later, f.look = nil, true
	default:
		f.later = append(f.later, n)
	}
	if f.busy && f.retry != nil && f.retry.Stop() { // it is worth a try before that
		f.retry = nil
		f.busy = false
	}
	if f.busy {
		return false
	}
	f.busy = true
	return true
}

// start lets the feed begin after a place. What was told before that is left to a
// goroutine: the caller has a turn of the link, and giving calls the user's code.
func (f *feed[M]) start(after Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = after
	if f.busy = len(f.later) > 0 || f.look; f.busy {
		go f.run() // ends when nothing is next
	}
}

// run gives what is next until nothing is. When something has to be read it leaves that
// to a goroutine: the caller is the log's.
func (f *feed[M]) run() {
	for {
		next, look := f.next()
		switch {
		case look:
			go f.read() // ends when nothing is missed any more, or reading has failed
			return
		case next == nil:
			return
		}
		f.give(*next)
	}
}

// next returns the entry that comes after the last one given, or says to look for it. If
// it returns nothing, the feed is at rest.
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
	// Nothing fits. If the last one was given already, so were those before.
	known := len(f.later) == 0 || f.later[len(f.later)-1].Place == f.at
	look = f.look || !known
	f.later, f.look = nil, false
	f.busy = look
	return nil, look
}

// give is called by the goroutine that is at it.
func (f *feed[M]) give(e Entry) {
	var msg sized[M]
	var except uint64
	ok := e.Data != nil
	if ok {
		msg, except, ok = f.room.rooms.openEntry(f.room.name, e)
	}
	f.room.sendAt(f, e.Place, msg, except, ok)
	f.setAt(e.Place)
}

func (f *feed[M]) setAt(place Place) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = place
}

// end lets the feed give nothing more: a call that is under way finds the room with
// another feed, and a timer finds that it has ended.
func (f *feed[M]) end() {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = true
}
