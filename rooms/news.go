package rooms

import "slices"

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

// fits reports whether there is space for n.
func (h *news) fits(n News) bool { return h.bytes+len(n.Data)+newsHead <= maxNews }

// add returns false if there is no space.
func (h *news) add(n News) bool {
	if !h.fits(n) {
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
