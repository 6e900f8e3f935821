package history

// gate lets calls through while it is open. More calls than it has room for wait for each
// other. It is no mutex, which would stop the clock of a testing/synctest bubble while
// calls wait for time to pass.
type gate chan struct{}

func newGate() gate { return make(gate, 2*(speakers+clients)) }

// enter waits until the gate is open. Call leave after the call.
func (g gate) enter() { g <- struct{}{} }

func (g gate) leave() { <-g }

// close closes the gate, and waits until all calls have returned.
func (g gate) close() {
	for range cap(g) {
		g.enter()
	}
}

func (g gate) open() {
	for range cap(g) {
		g.leave()
	}
}
