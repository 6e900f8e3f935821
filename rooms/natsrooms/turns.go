package natsrooms

import (
	"context"
	"sync"
)

// ends remembers where rooms ended when this process appended to them. It is used for
// rooms that it does not follow.
type ends struct {
	mu     sync.Mutex
	breaks uint64 // of the connection, when the rooms were noted
	rooms  map[string]end
}

// maxEnds limits how many are remembered.
const maxEnds = 1 << 12

func (e *ends) set(room string, at end, breaks uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.breaks != breaks || len(e.rooms) >= maxEnds {
		e.breaks, e.rooms = breaks, make(map[string]end)
	}
	e.rooms[room] = at
}

// get returns the end of an empty room if it knows none.
func (e *ends) get(room string, breaks uint64) end {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.breaks != breaks {
		return end{}
	}
	return e.rooms[room]
}

// turns lets one goroutine at a time append to a room. Several would refuse each other,
// because each names the last entry.
type turns struct {
	mu    sync.Mutex
	rooms map[string]*turn
}

type turn struct {
	taken chan struct{} // capacity 1
	users int           // who has it or waits for it; protected by the lock of turns
}

// begin waits for the turn of a room, or until ctx ends. Call end after it.
func (t *turns) begin(ctx context.Context, room string) (end func(), err error) {
	t.mu.Lock()
	turned := t.rooms[room]
	if turned == nil {
		turned = &turn{taken: make(chan struct{}, 1)}
		t.rooms[room] = turned
	}
	turned.users++
	t.mu.Unlock()
	leave := func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if turned.users--; turned.users == 0 {
			delete(t.rooms, room)
		}
	}
	select {
	case turned.taken <- struct{}{}:
		return func() { <-turned.taken; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
