package rooms

import (
	"sync"
)

// Member is the membership of one sender in one room. It lasts from [Rooms.Join] until
// [Member.Leave], or until it is removed. All methods are safe for concurrent use.
type Member[M any] struct {
	room       *room[M]
	sender     chan<- M
	disconnect chan<- int
	attached   any
	number     uint64 // unique among the members of the Rooms

	index int   // of the seat; protected by room.turn
	from  Place // the room's place in the log when it was seated; protected by room.turn

	pumps sync.WaitGroup // the pump, which sends the backlog: one while the member is behind

	mu      sync.Mutex  // protects the fields below
	backlog *backlog[M] // nil if not behind; a broadcast makes it, the pump ends it
	out     bool        // left or removed; set in a turn of the room
}

// Broadcast sends msg to all members of the room, this one included, as [Rooms.Broadcast]
// does. It also works after the member has left, such as for a farewell.
func (m *Member[M]) Broadcast(msg M) error {
	return m.room.rooms.BroadcastExcept(m.room.name, msg, nil)
}

// BroadcastOthers is like [Member.Broadcast] to all but this member.
func (m *Member[M]) BroadcastOthers(msg M) error {
	return m.room.rooms.BroadcastExcept(m.room.name, msg, m)
}

// Leave ends the membership. After it returns, nothing is sent on the member's sender;
// its backlog is dropped. Any goroutine may call it, any number of times, also from a
// hook or after the member was removed.
//
// If you close the sender, close it after Leave. Before that a broadcast may be sending
// on it, and closing a channel during a send is a data race. The room survives it (see
// [ErrSenderClosed]), but the race detector reports it.
//
// Leave waits for the broadcast in progress. With a broker, the last member to leave a
// room also waits for Broker.Unsubscribe, for at most six seconds.
func (m *Member[M]) Leave() {
	r := m.room
	r.beginTurn()
	r.remove(m, nil)
	r.endTurn()
	m.stop()
	m.pumps.Wait()
	if r.len() == 0 { // also after a removal: the room is free when Leave returns
		_ = r.rooms.settle(r)
	}
}

// retire marks m as out, and reports whether it was in before. Call it in a turn of the
// room.
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
		if m.backlog.overdue != nil {
			m.backlog.overdue.Stop()
		}
		m.backlog = nil
	}
}
