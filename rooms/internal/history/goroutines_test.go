package history

import (
	"sync"
	"testing"
)

// Goroutines are counted that this package starts itself, or with WaitGroup.Go.
func TestGoroutines(t *testing.T) {
	before := Goroutines("/internal/history")
	var running sync.WaitGroup
	quit, started := make(chan struct{}), make(chan struct{})
	wait := func() {
		started <- struct{}{}
		<-quit
	}
	go wait()
	running.Go(wait)
	<-started
	<-started
	if got := Goroutines("/internal/history") - before; got != 2 {
		t.Errorf("Goroutines = %d more, want 2", got)
	}
	if got := Goroutines("/internal/nothing"); got != 0 {
		t.Errorf("Goroutines of no package = %d, want 0", got)
	}
	close(quit)
	running.Wait()
}
