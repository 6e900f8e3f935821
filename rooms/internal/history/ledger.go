package history

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// ledger is what is known of the log, by what was acknowledged and seen. A log that loses
// what it has acknowledged begins another life, which shares its first entries.
type ledger struct {
	lifeAt func(room, position string) int // World.Life

	mu     sync.Mutex          // protects the fields below
	kept   []map[string]uint64 // by life: the last number of each room that it kept
	facts  map[string]map[string]*fact
	saids  []*saying
	faults []string
}

// fact is an entry of a room.
type fact struct {
	at    string
	seq   uint64
	id    string // "" if only the place is known
	life  int    // the first in which it was known
	acked bool
}

func (f *fact) String() string { return f.at + " " + f.id }

func newLedger(w World) *ledger {
	l := &ledger{
		lifeAt: w.Life,
		kept:   []map[string]uint64{nil}, // the first life kept nothing
		facts:  make(map[string]map[string]*fact),
	}
	for _, room := range roomNames {
		l.facts[room] = make(map[string]*fact)
	}
	return l
}

// begin begins a life of the log, which kept the entries of each room up to a number.
func (l *ledger) begin(kept map[string]uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, kept)
}

// number is what positions begin with.
func number(position string) uint64 {
	text, _, _ := strings.Cut(position, "-")
	n, _ := strconv.ParseUint(text, 36, 64)
	return n
}

// learn is called with mu.
func (l *ledger) learn(room, at, id string, acked bool) {
	if at == "" || number(at) == 0 {
		return // before all entries
	}
	f := l.facts[room][at]
	if f == nil {
		f = &fact{at: at, seq: number(at), id: id, life: len(l.kept) - 1}
		if l.lifeAt != nil {
			f.life = l.lifeAt(room, at)
		}
		l.facts[room][at] = f
	}
	if id != "" && f.id != "" && id != f.id {
		l.faults = append(l.faults,
			fmt.Sprintf("%q: at %s is %s and %s, want one", room, at, f.id, id))
	}
	if f.id == "" {
		f.id = id
	}
	f.acked = f.acked || acked
}

func (l *ledger) said(c *saying) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.life = len(l.kept) - 1
	l.saids = append(l.saids, c)
	if c.err == nil {
		l.learn(c.room, c.at, c.id, true)
	}
}

func (l *ledger) saw(room string, text *Text) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.learn(room, text.At, text.ID, false)
}

// joined learns from what a client has missed, and returns the life of the log.
func (l *ledger) joined(room string, m missed) (life int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, said := range m.Messages {
		l.learn(room, said.Position, said.Value.ID, false)
	}
	l.learn(room, m.Position, "", false)
	return len(l.kept) - 1
}

// anyPlace returns a position of a room, "" if none is known.
func (l *ledger) anyPlace(r *rand.Rand, room string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.facts[room]) == 0 {
		return ""
	}
	return pick(r, slices.Sorted(maps.Keys(l.facts[room])))
}

// timeline returns what the log of a room had in a life, in its order.
func (l *ledger) timeline(room string, life int) (all []*fact) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.facts[room] {
		if l.had(room, f, life) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, func(a, b *fact) int {
		if a.seq != b.seq {
			return int(min(max(int64(a.seq)-int64(b.seq), -1), 1))
		}
		return strings.Compare(a.at, b.at)
	})
	return all
}

// had reports whether the log had a fact in a life. It is called with mu.
func (l *ledger) had(room string, f *fact, life int) bool {
	if f.life > life {
		return false
	}
	for _, last := range l.kept[f.life+1 : life+1] {
		if f.seq > last[room] {
			return false
		}
	}
	return true
}

func (l *ledger) lifeOf(room, at string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f := l.facts[room][at]; f != nil {
		return f.life
	}
	return 0
}

func (l *ledger) lastLife() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.kept) - 1
}
