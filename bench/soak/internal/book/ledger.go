// Package book keeps the books of a soak: what clients have done, what went wrong, and
// what the process holds.
package book

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Ledger counts what a soak has done, and keeps what went wrong. It is safe for
// concurrent use. The zero value is ready.
type Ledger struct {
	mu     sync.Mutex // protects the fields below
	counts map[string]int
	faults []string
}

// Count adds one to what is counted under a name.
func (l *Ledger) Count(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = make(map[string]int)
	}
	l.counts[name]++
}

// Counted is the number of names that have been counted.
func (l *Ledger) Counted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.counts)
}

// Fault keeps what was wrong.
func (l *Ledger) Fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// Faults returns the faults from the nth on.
func (l *Ledger) Faults(nth int) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.faults[nth:])
}

// String is one line with all counts.
func (l *Ledger) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := []string{fmt.Sprintf("%d faults", len(l.faults))}
	for _, name := range slices.Sorted(maps.Keys(l.counts)) {
		all = append(all, fmt.Sprintf("%s %d", name, l.counts[name]))
	}
	return strings.Join(all, ", ")
}
