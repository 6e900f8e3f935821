package natsrooms

import "github.com/beatrichartz/martini-sockets/rooms"

// The chain. Each entry names the place before it in its room, with its tag. The stream
// takes an entry only if the last message of the subject has the expected sequence, so
// the name is true. Hence whoever has a place, and the entries after it that the stream
// still has, can tell whether one is gone between them, whatever took it: a limit that
// was lower for a while, a message's own time to live, a rollup, a purge, an edit of
// the stream. And a stream that was put back to an earlier state gives sequences again,
// but other tags.
//
// Nothing else proves that entries are complete, above all no clock. So the stream
// needs a message of each room that is followed. A room without one gets a mark when it
// is followed. A mark is in the chain, but it is no entry, and readers do not get it.
// It says at which place the room was. So a room whose last entry grows old gets a mark
// that proves its place instead. And an empty room has a place, that of its mark, with
// the sequence 0.
//
// One loss is not seen: that of the last entries of a room, if an administrator deletes
// them one by one, by those who had not seen them.

// chained returns the entries after a place, and whether they are all: none is missing
// between the place and the first, nor between any two. found are messages of the room
// from the sequence of the place on. One that is not linked is taken to follow the one
// before it.
func chained(after rooms.Place, found []stored) (entries []rooms.Entry, whole bool) {
	at := after
	for i, e := range found {
		switch {
		case i == 0:
			whole = e.end().place == after || e.linked && e.prev == after
		case e.linked && e.prev != at:
			whole = false
		}
		at = e.end().place
		if !e.mark && e.Place != after {
			entries = append(entries, e.Entry)
		}
	}
	return entries, whole && after != (rooms.Place{})
}
