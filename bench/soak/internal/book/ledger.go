// Package book keeps the books of a soak: what clients have done and what went wrong, who
// has said what in rooms and so what each member must get, and what the process holds.
package book

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// What a Ledger counts besides the kinds of clients that have ended as they should.
const (
	Messages = "messages" // that came as they should
	Evicted  = "evicted"  // members that were told, by 1013, that they were too slow
	Late     = "late"     // clients whose handshake took longer than the server allows
)

// most is how many faults are kept word for word; more are counted.
const most = 20

// Ledger counts what a soak has done, and keeps what went wrong. It is safe for
// concurrent use. The zero value is ready.
type Ledger struct {
	mu     sync.Mutex // protects the fields below
	counts map[string]int
	faults []string
	faulty int
}

// Count adds one to a kind of client, or to one of the constants.
func (l *Ledger) Count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = make(map[string]int)
	}
	l.counts[what]++
}

// Fault keeps what was wrong.
func (l *Ledger) Fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.faulty++; l.faulty <= most {
		l.faults = append(l.faults, fmt.Sprintf(format, args...))
	}
}

// Faults returns the first faults, and how many there were.
func (l *Ledger) Faults() (first []string, all int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.faults), l.faulty
}

// Lives is the number of clients that have ended as they should.
func (l *Ledger) Lives() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for what, count := range l.counts {
		if what != Messages && what != Evicted && what != Late {
			n += count
		}
	}
	return n
}

// String is one line with all counts.
func (l *Ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []string{fmt.Sprintf("%d faults", l.faulty)}
	for _, what := range slices.Sorted(maps.Keys(l.counts)) {
		all = append(all, fmt.Sprintf("%s %d", what, l.counts[what]))
	}
	return strings.Join(all, ", ")
}
