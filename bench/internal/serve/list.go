package serve

import (
	"sync"
	"sync/atomic"
)

// list is what programs wrote by hand before there were rooms: a mutex, and a loop of
// sends that runs under it. One client that does not read stops the loop, and with it the
// list.
type list[C comparable] struct {
	mu      sync.Mutex // protects members, and is held during a broadcast
	members map[C]struct{}
	joined  *atomic.Int64
}

func newList[C comparable](joined *atomic.Int64) *list[C] {
	return &list[C]{members: make(map[C]struct{}), joined: joined}
}

func (l *list[C]) join(c C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.members[c] = struct{}{}
	l.joined.Add(1)
}

func (l *list[C]) leave(c C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.members, c)
	l.joined.Add(-1)
}

func (l *list[C]) each(send func(C)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.members {
		send(c)
	}
}
