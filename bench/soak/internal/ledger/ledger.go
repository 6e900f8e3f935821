// Package ledger counts what a soak has done and keeps what went wrong.
package ledger

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// most is how many faults are kept word for word; more are counted.
const most = 20

// Ledger is safe for concurrent use. The zero value is ready.
type Ledger struct {
	mu       sync.Mutex // protects the fields below
	lives    map[string]int
	messages int
	evicted  int
	late     int
	faults   []string
	faulty   int
}

// Life counts a client that has ended as it should.
func (l *Ledger) Life(kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lives == nil {
		l.lives = make(map[string]int)
	}
	l.lives[kind]++
}

// Messages counts messages that came as they should.
func (l *Ledger) Messages(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages += n
}

// Evicted counts a member that was told, by 1013, that it was too slow.
func (l *Ledger) Evicted() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.evicted++
}

// Late counts a client whose handshake took longer than the server allows.
func (l *Ledger) Late() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.late++
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

// Lives returns how many clients have ended as they should.
func (l *Ledger) Lives() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, of := range l.lives {
		n += of
	}
	return n
}

// String is one line with all numbers.
func (l *Ledger) String() string {
	lives := l.Lives()
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprintf("%d clients, %d messages, %d evicted, %d late, %d faults",
		lives, l.messages, l.evicted, l.late, l.faulty)
}

// Kinds is one line with the number of clients of each kind.
func (l *Ledger) Kinds() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, kind := range slices.Sorted(maps.Keys(l.lives)) {
		all = append(all, fmt.Sprintf("%s %d", kind, l.lives[kind]))
	}
	return strings.Join(all, ", ")
}
