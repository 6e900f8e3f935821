package history

import "sync"

// gate lets calls through while it is open. It is no RWMutex, which would stop the clock of
// a testing/synctest bubble while calls wait for time to pass.
type gate struct {
	mu      sync.Mutex // protects the fields below
	changed *sync.Cond
	calls   int
	closed  bool
}

func newGate() *gate {
	g := &gate{}
	g.changed = sync.NewCond(&g.mu)
	return g
}

// enter waits until the gate is open. Call leave after the call.
func (g *gate) enter() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.closed {
		g.changed.Wait()
	}
	g.calls++
}

func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls--
	g.changed.Broadcast()
}

// close closes the gate, and waits until all calls have returned.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.closed = true; g.calls > 0; {
		g.changed.Wait()
	}
}

func (g *gate) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = false
	g.changed.Broadcast()
}
