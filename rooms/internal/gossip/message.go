package gossip

import (
	"crypto/sha256"
	"encoding/binary"
)

// ID tells one life of a process from all others.
type ID [16]byte

// Message is what one process tells the others: a beat, asks, a list or a bye.
type Message struct {
	From ID
	Beat *Beat
	Asks []Ask
	List *List
	Bye  bool
}

// Beat says that a process is alive, and what state it is in.
type Beat struct {
	Seq uint64 // one more with each beat
	State
	Hello bool // the others shall beat too, at once
}

// State stands for all entries of a process.
type State struct {
	Version uint64
	Digest  uint64 // the sum of the entries' hashes
}

// Ask asks a process for what it has changed after the version Have.
type Ask struct {
	Of    ID
	Nonce uint64 // is repeated in the answer
	Have  uint64
}

// List is what a process has changed after the version Base, up to the version To.
type List struct {
	Nonces []uint64 // of the asks that it answers; none for changes that nobody asked for
	Seq    uint64   // of the last beat
	Base   uint64
	To     uint64
	Now    State // of the process; the last part has reached it
	// Whole lists began at version 0 and leave out what was removed before they began.
	// What they do not mention is gone when the last part has come.
	Whole   bool
	Removed []uint64 // numbers of entries
	Entries []Entry  // by version
}

// last reports whether nothing follows.
func (l *List) last() bool { return l.To == l.Now.Version }

// Entry is one thing that a process says of itself: somebody is in a room.
type Entry struct {
	Number  uint64 // of the entry; its process uses it once
	Version uint64 // of the process, when the entry changed last
	Since   int64  // when it began, in nanoseconds since 1970, by the process's clock
	Room    string
	Key     string
	Value   []byte

	Decoded any // what the receiver made of Value; it does not travel
}

// size is about what an entry takes in a message, and at least that.
func (e *Entry) size() int { return len(e.Room) + len(e.Key) + len(e.Value) + entryHead }

// entryHead is the most that the numbers of an entry take: six of them.
const entryHead = 6 * binary.MaxVarintLen64

// hash stands for everything that an entry says.
func (e *Entry) hash() uint64 {
	sum := sha256.Sum256(appendEntry(nil, e))
	return binary.LittleEndian.Uint64(sum[:])
}
