package wstest

import (
	"slices"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/stacks"
)

const modulePath = "github.com/beatrichartz/martini-sockets"

// leakWait is how long NoLeaks waits for goroutines that are about to exit. It looks
// again after each poll.
const leakWait, poll = 5 * time.Second, 5 * time.Millisecond

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
		var left []stacks.Goroutine
		for end := time.Now().Add(leakWait); time.Now().Before(end); time.Sleep(poll) {
			left = slices.DeleteFunc(stacks.With(modulePath), func(g stacks.Goroutine) bool {
				return before[g.ID] // so are those that run tests
			})
			if len(left) == 0 {
				return
			}
		}
		tb.Errorf("wstest: %d goroutines are left:\n\n%s", len(left), stacks.Join(left))
	})
}
