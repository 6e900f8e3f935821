package wstest

import (
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/stacks"
)

const modulePath = "github.com/beatrichartz/martini-sockets"

// leakWait is how long NoLeaks waits for goroutines that are about to end.
const leakWait = 5 * time.Second

// NoLeaks fails the test when, at its end, goroutines run that this module started
// or runs in, and that did not run when NoLeaks was called. It waits some seconds
// for them and prints their stacks. Call it first, so that it looks after every
// other cleanup; not in parallel tests, whose goroutines it cannot tell apart.
func NoLeaks(tb testing.TB) {
	tb.Helper()
	before := map[string]bool{}
	for _, g := range stacks.With(modulePath) {
		before[g.ID] = true
	}
	tb.Cleanup(func() {
		tb.Helper()
		leaked := newOnes(before)
		for end := time.Now().Add(leakWait); len(leaked) > 0 &&
			time.Now().Before(end); leaked = newOnes(before) {
			time.Sleep(5 * time.Millisecond)
		}
		if len(leaked) > 0 {
			tb.Errorf("wstest: %d goroutines are left:\n\n%s", len(leaked),
				stacks.Join(leaked))
		}
	})
}

// newOnes gives the goroutines in whose stack the module shows, by a frame or by who
// created them. The goroutines that run tests, of which this is one, were there before.
func newOnes(before map[string]bool) []stacks.Goroutine {
	var found []stacks.Goroutine
	for _, g := range stacks.With(modulePath) {
		if !before[g.ID] {
			found = append(found, g)
		}
	}
	return found
}
