package redisrooms

import "github.com/beatrichartz/martini-sockets/rooms"

// The chain. A place is an id of the room's stream: a number, and a tag that is random
// for each entry. Each entry names the place before it, with its tag. The append script
// is the only one that writes, and it runs as a whole, so the name is true. Hence whoever
// has a place, and the entries after it that the stream still has, can tell whether one
// is gone between them, whatever took it: the limit, a deletion, a failover to a replica
// that did not have it, an older file. A server that was put back to an earlier state
// gives numbers again, but other tags.
//
// A tag of the whole stream, which others use, does not show that: the older state has
// it as well.
//
// The last id that the stream has given, which it keeps even if that entry is gone, proves
// that no entry is missing at the end. So an empty room has a place as well: it has the
// number 0, and the random tag with which the empty stream was made.

// chained returns the entries after a place, and whether they are all: none is missing
// between the place and the first, nor between any two, nor, if there are no more, after
// the last one. Found are the entries of the room from the place on, and last is the last
// place that the stream has given. An entry that is not linked is taken to follow the one
// before it.
func chained(after rooms.Place, found []stored, more bool, last rooms.Place) (
	entries []rooms.Entry, whole bool,
) {
	at, whole := after, after != rooms.Place{}
	for i, e := range found {
		switch {
		case e.Place == after:
			continue
		case e.linked && e.prev != at, !e.linked && i == 0:
			whole = false
		}
		at = e.Place
		entries = append(entries, e.Entry)
	}
	return entries, whole && (more || last == at)
}
