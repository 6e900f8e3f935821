package pool

import "sync"

// Gate is closed until Follow returns: what a room of a log receives before that is not
// passed on, since it may be from before the end that Follow has read.
type Gate struct {
	mu     sync.Mutex // protects the fields below
	opened bool
	early  bool // something came before that
}

// Passes reports whether the gate is open. If not, it notes that something came.
func (g *Gate) Passes() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.early = g.early || !g.opened
	return g.opened
}

// Open opens the gate. It reports whether something came before.
func (g *Gate) Open() (early bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = true
	return g.early
}
