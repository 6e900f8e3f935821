package guard

import (
	"testing"
	"time"
)

// Eventually waits for what an implementation does in its own time, without an event. A
// test that passes never waits for all of patience.
func Eventually(t testing.TB, patience time.Duration, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !done(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}
