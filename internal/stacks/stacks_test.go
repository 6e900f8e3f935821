package stacks

import (
	"strings"
	"testing"
	"testing/synctest"
)

func waitFor(c chan struct{}) { <-c }

func TestWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		for range 3 {
			go waitFor(release)
		}
		synctest.Wait()
		found := With("stacks.waitFor(")
		if len(found) != 3 {
			t.Fatalf("With() = %d goroutines, want 3", len(found))
		}
		for _, g := range found {
			if !strings.HasPrefix(g.Stack, "goroutine "+g.ID+" [chan receive") {
				t.Errorf("Stack of goroutine %s = %s, want its own", g.ID, g.Stack)
			}
		}
		if got := strings.Count(Join(found), "\n\ngoroutine "); got != 2 {
			t.Errorf("Join() has %d blank lines, want 2", got)
		}
		if got := With("stacks.TestWith."); len(got) != 3 {
			t.Errorf("With() = %d goroutines, want the 3 that were started here, "+
				"without this one", len(got))
		}
		if first := All()[0].Stack; !strings.Contains(first, "stacks.TestWith.") {
			t.Errorf("All()[0] = %s, want this goroutine", first)
		}
	})
}

// The buffer grows until all stacks fit.
func TestManyStacks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		for range 2000 {
			go waitFor(release)
		}
		synctest.Wait()
		if got := len(With("stacks.waitFor(")); got != 2000 {
			t.Errorf("With() = %d goroutines, want 2000", got)
		}
	})
}
