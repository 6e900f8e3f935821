package rooms

import (
	"sync"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/rooms/internal/table"
)

// roster holds the members of a room. Its lock is never held for a whole broadcast, so
// joining and counting do not wait, however busy the room is.
type roster[M any] struct {
	// unseated is true if a member has no seat yet. A broadcast reads it without the
	// lock, which made a broadcast to a small room a tenth slower.
	unseated atomic.Bool

	mu      sync.Mutex                        // protects the fields below; taken after room.turn
	members table.Table[chan<- M, *Member[M]] // by sender, to refuse one that joins twice
	joining []*Member[M]                      // in members, but without a seat yet
	dead    bool                              // forgotten by Rooms; nobody can join
}

// add makes m a member. joined is false if the room has died since it was found. The next
// turn of the room gives m a seat.
func (r *roster[M]) add(m *Member[M]) (joined bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dead {
		return false, nil
	}
	if _, ok := r.members.Get(m.sender); ok {
		return false, ErrJoined
	}
	r.members.Set(m.sender, m)
	r.joining = append(r.joining, m)
	r.unseated.Store(true)
	return true, nil
}

// newcomers returns the members without a seat. The caller must give each of them one.
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
	r.members.Delete(m.sender)
}

// die marks the room as dead if it has no members. It reports whether it did.
func (r *roster[M]) die() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.members.Len() > 0 {
		return false
	}
	r.dead = true
	return true
}

func (r *roster[M]) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.members.Len()
}

func (r *roster[M]) attached() []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]any, 0, r.members.Len())
	for _, m := range r.members.All() {
		all = append(all, m.attached)
	}
	return all
}
