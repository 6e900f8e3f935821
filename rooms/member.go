package rooms

import "sync"

// Member is the membership of one sender in one room, from [Rooms.Join] to [Member.Leave]
// or until it is removed. All methods are safe for concurrent use.
type Member[M any] struct {
	room       *room[M]
	sender     chan<- M
	disconnect chan<- int
	attached   any
	number     uint64 // tells the members of the Rooms apart

	index int   // of the seat; protected by room.turn
	from  Place // in the log, where it was seated; protected by room.turn

	pumps sync.WaitGroup // the goroutine that works off the backlog: one, while behind

	mu      sync.Mutex  // protects what follows
	backlog *backlog[M] // nil: not behind; broadcasts make it, and the pump ends it
	out     bool        // left or removed; set in a turn of the room
}

// Broadcast sends msg to all members of the room, this one included, as [Rooms.Broadcast]
// does. It also works after the member has left: a farewell.
func (m *Member[M]) Broadcast(msg M) error {
	return m.room.rooms.BroadcastExcept(m.room.name, msg, nil)
}

// BroadcastOthers is like [Member.Broadcast] to all but this member.
func (m *Member[M]) BroadcastOthers(msg M) error {
	return m.room.rooms.BroadcastExcept(m.room.name, msg, m)
}

// Leave ends the membership. When it has returned, nothing more is sent on the member's
// sender; what was in its backlog is dropped. It may be called any number of times, by
// anyone, also for a member that was removed, and from the hooks.
//
// Close the sender after Leave, if at all. A broadcast may be sending on it until then,
// and closing a channel while another goroutine sends on it is a data race by nature. The
// room survives it, see [ErrSenderClosed]; the race detector reports it, rightly.
//
// Without a broker Leave waits for at most a broadcast that is under way. With one, the
// last to leave a room also waits for Broker.Unsubscribe.
func (m *Member[M]) Leave() {
	r := m.room
	r.beginTurn()
	r.remove(m, nil)
	r.endTurn()
	m.stop()
	m.pumps.Wait()
	if r.len() == 0 { // also after a removal: the room is free when Leave returns
		r.rooms.settle(r)
	}
}

// retire marks m as out, and reports whether it was in until then. It is called in a turn
// of the room.
func (m *Member[M]) retire() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.out {
		return false
	}
	m.out = true
	m.backlog.drop()
	return true
}

// stop ends the pump of a member that is out.
func (m *Member[M]) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.backlog != nil {
		close(m.backlog.quit)
		m.backlog = nil
	}
}
