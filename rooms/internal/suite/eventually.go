package suite

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

// Reentrant waits until calls that a receive makes have returned, as many as done has
// room for, and wants no error.
func Reentrant(t testing.TB, patience time.Duration, done <-chan error) {
	t.Helper()
	for range cap(done) {
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("a call from receive = %v, want no error", err)
			}
		case <-time.After(patience):
			t.Fatal("a call from receive hangs")
		}
	}
}
