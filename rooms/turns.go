package rooms

import "sync"

// turns is a lock for what may take long, such as asking a network. In a bubble of
// testing/synctest, time goes on for those who wait for it, as it does not for those who
// wait for a mutex. The zero value is free.
type turns struct {
	mu    sync.Mutex // protects what follows, for moments
	taken bool
	free  *sync.Cond // made by the first who has to wait
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
