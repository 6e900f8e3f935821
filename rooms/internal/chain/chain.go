// Package chain proves that nothing is missing between entries of a log.
//
// Each entry names the place before it in its room, with its tag, and the log takes it
// only if that is true. Hence whoever has a place, and the entries after it that the log
// still has, can tell whether one is gone between them, whatever took it: a limit that
// was lower for a while, a deletion, a purge, an edit, a replica that did not have it.
// And a log that was put back to an earlier state gives numbers again, but other tags. A
// tag of the whole log would not show that: the older state has it as well.
//
// Nothing else proves that entries are complete, above all no clock.
package chain

import (
	"strconv"
	"strings"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Link is an entry as it is in its log.
type Link struct {
	rooms.Entry
	// Prev is the place in the room before it, the zero place if there was none. Linked
	// is false for an entry that was not appended by the engine: nothing says what was
	// before it.
	Prev   rooms.Place
	Linked bool
	// A mark is in the chain, but it is no entry, and readers do not get it.
	Mark bool
}

// End returns where the room ends if the link is the last. A mark leaves the room at the
// place before it. If there was none, the mark makes one, before all entries.
func (l Link) End() rooms.Place {
	switch {
	case !l.Mark:
		return l.Place
	case l.Prev == rooms.Place{}:
		return rooms.Place{Tag: l.Tag}
	}
	return l.Prev
}

// After returns the entries after a place, and where they end. Whole is true if none is
// missing between the place and the first, nor between any two. Found are links of the
// room from the number of the place on; if there are none, nothing contradicts the place.
// One that is not linked is taken to follow the one before it.
func After(place rooms.Place, found []Link) (
	entries []rooms.Entry, end rooms.Place, whole bool,
) {
	end, whole = place, place != rooms.Place{}
	for i, l := range found {
		switch {
		case i == 0:
			whole = whole && (l.End() == place || l.Linked && l.Prev == place)
		case l.Linked && l.Prev != end:
			whole = false
		}
		end = l.End()
		if !l.Mark && l.Place != place {
			entries = append(entries, l.Entry)
		}
	}
	return entries, end, whole
}

// Read reads a page after a place. If the page is not whole, the place proves nothing, so
// Read reads from the beginning.
func Read(after rooms.Place, page func(after rooms.Place) (rooms.Page, error)) (
	rooms.Page, error,
) {
	p, err := page(after)
	if err == nil && !p.Whole && after != (rooms.Place{}) {
		p, err = page(rooms.Place{})
	}
	return p, err
}

// Format writes a place as two numbers, to a base.
func Format(p rooms.Place, base int) string {
	return strconv.FormatUint(p.Seq, base) + "-" + strconv.FormatUint(p.Tag, base)
}

// Parse reads what Format has written.
func Parse(s string, base int) (p rooms.Place, ok bool) {
	seq, tag, _ := strings.Cut(s, "-")
	var errs [2]error
	p.Seq, errs[0] = strconv.ParseUint(seq, base, 64)
	p.Tag, errs[1] = strconv.ParseUint(tag, base, 64)
	return p, errs[0] == nil && errs[1] == nil
}
