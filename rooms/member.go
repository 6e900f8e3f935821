package rooms

import "sync"

// tryAgainLater is the close code for a member that was too slow (RFC 6455 section 7.4, IANA's registry).
const tryAgainLater = 1013

// Member is the membership of one sender in one room, from [Rooms.Join] to [Member.Leave] or until it is removed. All
// methods are safe for concurrent use.
type Member[M any] struct {
	room       *room[M]
	sender     chan<- M
	disconnect chan<- int
	attached   any
	index      int // of the seat; protected by room.mu

	pumps sync.WaitGroup // the goroutine that works off the queue: one, while behind

	mu     sync.Mutex // protects what follows
	behind bool       // set by a broadcast, cleared by the pump when the queue is empty
	queue  []M
	bytes  int           // of the queue, where messages have a length
	quit   chan struct{} // closed when the member is out; made by the first pump
	out    bool          // left or removed; set under room.mu as well
}

// Broadcast sends msg to all members of the room, this one included, as [Rooms.Broadcast] does. It also works after the
// member has left: a farewell.
func (m *Member[M]) Broadcast(msg M) error {
	return m.room.rooms.BroadcastExcept(m.room.name, msg, nil)
}

// BroadcastOthers is like [Member.Broadcast] to all but this member.
func (m *Member[M]) BroadcastOthers(msg M) error {
	return m.room.rooms.BroadcastExcept(m.room.name, msg, m)
}

// Leave ends the membership. When it has returned, nothing more is sent on the member's sender; what was in its backlog
// is dropped. It may be called any number of times, by anyone, also for a member that was removed, and from the hooks.
//
// Without a broker Leave waits for at most a broadcast that is under way. With one, the last to leave a room also
// waits for Broker.Unsubscribe.
func (m *Member[M]) Leave() {
	r := m.room
	r.mu.Lock()
	r.remove(m, nil)
	empty := len(r.seats) == 0
	r.mu.Unlock()
	m.pumps.Wait()
	if empty { // also for a member that was removed: then the room is free when Leave returns, not soon after
		r.rooms.settle(r)
	}
}

// retire stops the pump, and reports whether the member was in until then. The caller holds room.mu.
func (m *Member[M]) retire() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.out {
		return false
	}
	m.out = true
	m.queue, m.bytes = nil, 0
	if m.quit != nil {
		close(m.quit)
	}
	return true
}

// dismiss tells a removed member and the hook. It does not block: the caller holds room.mu.
func (m *Member[M]) dismiss(reason error) {
	if reason != ErrSenderClosed {
		m.disconnectWith(tryAgainLater)
	}
	// Ends when the hook has returned. Removals are rare, and the hook is the user's: neither a broadcast nor the room
	// can wait for it.
	go func() {
		m.pumps.Wait()
		if m.room.len() == 0 {
			m.room.rooms.settle(m.room)
		}
		m.room.rooms.options.OnRemove(m.room.name, m.attached, reason)
	}()
}

// disconnectWith sends a code if there is room for it. If not, a code waits there already, and the connection ends anyway.
func (m *Member[M]) disconnectWith(code int) {
	defer func() { _ = asClosed(recover()) }()
	select {
	case m.disconnect <- code:
	default:
	}
}
