package rooms

import (
	"context"
	"slices"
	"time"
)

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

// learn takes what was read. If it returns ok, the caller must run the feed. A gap ends the
// feed: the log does not have what comes next, and nobody has received it either.
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

func (h *news) has(after Place) bool {
	_, ok := h.held[after]
	return ok
}

// addPage adds what was read after one place to what is not given yet, where at was given
// last. If that is all that the log had, what was received before and is not among it was
// given long ago.
func (h *news) addPage(page Page, after, at Place) {
	if !page.More {
		for prev, n := range h.held {
			if n.reads < h.reads {
				h.take(prev)
			}
		}
	}
	entries := page.Entries
	if at != after {
		i := slices.IndexFunc(entries, func(e Entry) bool { return e.Place == at })
		if i < 0 {
			return
		}
		entries = entries[i+1:]
	}
	for _, e := range entries {
		h.put(e, at)
		at = e.Place
	}
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
