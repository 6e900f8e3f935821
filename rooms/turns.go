package rooms

import (
	"sync"
)

// turns is a lock to hold during slow work, such as a network round trip. The zero
// value is unlocked. It is not a mutex because a goroutine that waits for a mutex stops
// the fake time of testing/synctest.
type turns struct {
	mu    sync.Mutex // protects the fields below; never held for long
	taken bool
	free  *sync.Cond // made by the first goroutine that has to wait
}

func (t *turns) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.taken {
		if t.free == nil {
			t.free = sync.NewCond(&t.mu)
		}
		t.free.Wait()
	}
	t.taken = true
}

func (t *turns) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.taken = false
	if t.free != nil {
		t.free.Signal()
	}
}
