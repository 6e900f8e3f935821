package wstest

import (
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/stacks"
)

const modulePath = "github.com/beatrichartz/martini-sockets"

// leakWait is how long NoLeaks waits for goroutines that are about to exit.
const leakWait = 5 * time.Second

// NoLeaks fails the test if, at its end, goroutines of this module are left that
// did not run when NoLeaks was called. It waits a few seconds for them and prints
// their stacks. Call it first, so that it checks after all other cleanups. Do not
// call it in parallel tests, because it cannot tell their goroutines apart.
func NoLeaks(tb testing.TB) {
	tb.Helper()
	before := map[string]bool{}
	for _, g := range stacks.With(modulePath) {
		before[g.ID] = true
	}
	tb.Cleanup(func() {
		tb.Helper()
		leaked := newOnes(before)
		end := time.Now().Add(leakWait)
		for len(leaked) > 0 && time.Now().Before(end) {
			time.Sleep(5 * time.Millisecond)
			leaked = newOnes(before)
		}
		if len(leaked) > 0 {
			tb.Errorf("wstest: %d goroutines are left:\n\n%s", len(leaked),
				stacks.Join(leaked))
		}
	})
}

// newOnes returns the goroutines that have the module in their stack, as a frame or as
// the creator, and that are not in before. The goroutines that run tests are in before.
func newOnes(before map[string]bool) []stacks.Goroutine {
	var found []stacks.Goroutine
	for _, g := range stacks.With(modulePath) {
		if !before[g.ID] {
			found = append(found, g)
		}
	}
	return found
}
