package goroutines

import (
	"sync"
	"testing"
)

// Goroutines are counted that this package starts itself, or with WaitGroup.Go.
func TestGoroutines(t *testing.T) {
	before := Of("/internal/goroutines")
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
	if got := Of("/internal/goroutines") - before; got != 2 {
		t.Errorf("Of = %d more, want 2", got)
	}
	if got := Of("/internal/nothing"); got != 0 {
		t.Errorf("Of no package = %d, want 0", got)
	}
	close(quit)
	running.Wait()
}
