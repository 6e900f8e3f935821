package rooms

import (
	"sync"
	"sync/atomic"
)

// roster says who is in a room. Its lock is held for moments only, never for the time of
// a broadcast: so joining and counting wait for nobody, however busy the room is.
type roster[M any] struct {
	// unseated says that some members are new. A broadcast reads it without the lock: the
	// lock cost a small room a tenth of its broadcast.
	unseated atomic.Bool

	mu      sync.Mutex                  // protects what follows; taken after room.turn
	members table[chan<- M, *Member[M]] // by sender, to refuse one that joins twice
	joining []*Member[M]                // in members, but without a seat yet
	dead    bool                        // forgotten by Rooms; nobody may join any more
}

// add makes m a member, and says no if the room has died since it was found. The first
// broadcast to begin after that gives it a seat.
func (r *roster[M]) add(m *Member[M]) (joined bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return false, nil
	}
	if _, ok := r.members.get(m.sender); ok {
		return false, ErrJoined
	}
	r.members.set(m.sender, m)
	r.joining = append(r.joining, m)
	r.unseated.Store(true)
	return true, nil
}

// newcomers returns the members that have no seat yet. They must get one.
func (r *roster[M]) newcomers() []*Member[M] {
	if !r.unseated.Load() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	joining := r.joining
	r.joining = nil
	r.unseated.Store(false)
	return joining
}

// drop takes a member out.
func (r *roster[M]) drop(m *Member[M]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members.delete(m.sender)
}

// die marks a room without members as dead, and reports whether it has none.
func (r *roster[M]) die() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.members.len() > 0 {
		return false
	}
	r.dead = true
	return true
}

func (r *roster[M]) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.members.len()
}

func (r *roster[M]) attached() []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]any, 0, r.members.len())
	for _, m := range r.members.entries {
		all = append(all, m.attached)
	}
	return all
}
