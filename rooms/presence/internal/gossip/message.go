package gossip

import (
	"crypto/sha256"
	"encoding/binary"
)

// ID identifies a process. It gets a new one each time it starts.
type ID [16]byte

// Message is a message of one process to all others: a beat, asks, a list or a bye.
type Message struct {
	From ID
	Beat *Beat
	Asks []Ask
	List *List
	Bye  bool
}

// Beat says that a process is alive, and gives its state.
type Beat struct {
	Seq uint64 // one more with each beat
	State
	Hello bool // asks the others to beat at once
}

// State summarizes the entries of a process.
type State struct {
	Version uint64
	Digest  uint64 // the sum of the entries' hashes
}

// Ask asks a process for its changes after version Have.
type Ask struct {
	Of    ID
	Nonce uint64 // repeated in the answer
	Have  uint64
}

// List has the changes of a process after version Base, up to version To.
type List struct {
	Nonces []uint64 // of the asks that it answers; none if it announces changes
	Seq    uint64   // of the last beat
	Base   uint64
	To     uint64
	Now    State // of the process; the last part reaches it
	// Whole means that the list began at version 0. It leaves out entries that were
	// removed before it began. After its last part, all entries that it does not contain
	// are gone.
	Whole   bool
	Removed []uint64 // numbers of entries
	Entries []Entry  // by version
}

// last reports whether l is the last part of its list.
func (l *List) last() bool { return l.To == l.Now.Version }

// Entry is one visit: a person is in a room.
type Entry struct {
	Number  uint64 // of the entry; its process uses it once
	Version uint64 // of the process, when the entry changed last
	Since   int64  // when it began, in nanoseconds since 1970, by the process's clock
	Room    string
	Key     string
	Value   []byte

	Decoded any // Value, decoded by the receiver; it is not sent
}

// size returns the most bytes that an entry takes in a message.
func (e *Entry) size() int { return len(e.Room) + len(e.Key) + len(e.Value) + entryHead }

// entryHead is the most bytes that the six numbers of an entry take.
const entryHead = 6 * binary.MaxVarintLen64

// hash returns a hash of everything in an entry that is sent.
func (e *Entry) hash() uint64 {
	sum := sha256.Sum256(appendEntry(nil, e))
	return binary.LittleEndian.Uint64(sum[:])
}
