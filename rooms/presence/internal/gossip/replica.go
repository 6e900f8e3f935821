package gossip

import "errors"

// Limits limits what this process keeps of others, and how large its messages are.
type Limits struct {
	Entries   int // of one process
	EntrySize int // bytes of room, key and value
	Bytes     int // of all others together, overhead included
	Part      int // bytes of a message, unless a single entry needs more
}

// overhead is about what an entry takes in memory besides its room, key and value.
const overhead = 512

var (
	errManyEntries = errors.New("a process has too many entries")
	errLongEntry   = errors.New("an entry is too long")
	errMemory      = errors.New("the processes have too many entries together")
)

// replica is a copy of another process's entries. Its version says which changes it has.
//
// When a whole list begins, all entries become stale. The list renews the entries that it
// contains. After its last part, the stale ones are dropped.
type replica struct {
	State
	entries map[uint64]record
	whole   bool // a whole list is coming
	round   int  // counts whole lists
	stale   int  // how many entries are of an earlier round
	bytes   int
}

type record struct {
	hash      uint64
	round     int
	size      int
	room, key string
}

// Change is a change of another process's entry.
type Change struct {
	From      ID
	Number    uint64
	Room, Key string
	Entry     *Entry // nil if it is gone
}

// restart makes the copy wait for a whole list.
func (r *replica) restart() {
	if r.entries == nil {
		r.entries = make(map[uint64]record)
	}
	r.Version = 0
	r.whole = true
	r.round++
	r.stale = len(r.entries)
}

// update applies a list that continues the copy. If it returns an error, nothing changes.
func (r *replica) update(l *List, o Limits) ([]Change, error) {
	if l.To < r.Version || l.To == r.Version && !r.whole {
		return nil, nil // it answers others, or has nothing new
	}
	if err := r.admit(l, o); err != nil {
		return nil, err
	}
	var changes []Change
	for _, number := range l.Removed {
		changes = r.drop(number, changes)
	}
	for i := range l.Entries {
		changes = r.put(&l.Entries[i], changes)
	}
	r.Version = l.To
	if r.whole && l.last() {
		changes = r.sweep(changes)
	}
	return changes, nil
}

// admit checks the limits. Stale entries do not count, because the process may not have
// them any more.
func (r *replica) admit(l *List, o Limits) error {
	count, bytes := len(r.entries)-r.stale, 0
	for i := range l.Entries {
		e := &l.Entries[i]
		if len(e.Room)+len(e.Key)+len(e.Value) > o.EntrySize {
			return errLongEntry
		}
		old, found := r.entries[e.Number]
		if !found || old.round != r.round {
			count++
		}
		bytes += e.size() + overhead - old.size
	}
	switch {
	case count > o.Entries:
		return errManyEntries
	case bytes > o.Bytes:
		return errMemory
	}
	return nil
}

func (r *replica) put(e *Entry, changes []Change) []Change {
	now := record{hash: e.hash(), round: r.round, size: e.size() + overhead, room: e.Room, key: e.Key}
	old, found := r.entries[e.Number]
	same := found && old.hash == now.hash
	if found && (old.room != now.room || old.key != now.key) {
		changes = append(changes, Change{Number: e.Number, Room: old.room, Key: old.key})
	}
	r.forget(old, found)
	r.entries[e.Number] = now
	r.Digest += now.hash
	r.bytes += now.size
	if same {
		return changes
	}
	return append(changes, Change{Number: e.Number, Room: e.Room, Key: e.Key, Entry: e})
}

func (r *replica) drop(number uint64, changes []Change) []Change {
	old, found := r.entries[number]
	if !found {
		return changes
	}
	r.forget(old, found)
	delete(r.entries, number)
	return append(changes, Change{Number: number, Room: old.room, Key: old.key})
}

// forget subtracts a record from the sums.
func (r *replica) forget(old record, found bool) {
	if !found {
		return
	}
	r.Digest -= old.hash
	r.bytes -= old.size
	if old.round != r.round {
		r.stale--
	}
}

// sweep drops the entries that the whole list did not contain.
func (r *replica) sweep(changes []Change) []Change {
	r.whole = false
	if r.stale == 0 {
		return changes
	}
	for number, entry := range r.entries {
		if entry.round != r.round {
			changes = r.drop(number, changes)
		}
	}
	return changes
}

// clear drops everything.
func (r *replica) clear() (changes []Change) {
	for number := range r.entries {
		changes = r.drop(number, changes)
	}
	return changes
}
