package rooms

import (
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
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
	m.exit()
	if r := m.room; r.len() == 0 { // also after a removal: the room is free when Leave returns
		_ = r.rooms.settle(r)
	}
}

// exit is Leave, but the room may not be free yet when it returns.
func (m *Member[M]) exit() {
	m.room.beginTurn()
	m.room.remove(m, nil)
	m.room.endTurn()
	m.stop()
	m.pumps.Wait()
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

// tryAgainLater is the close code for a member that was too slow (RFC 6455 section 7.4,
// IANA's registry).
const tryAgainLater = 1013

// removal is a member that was removed, and the reason.
type removal[M any] struct {
	member *Member[M]
	reason error
}

// tell is the goroutine that disconnects the removed members and starts report for each.
// If no member is left, it settles the room and ends when that is done.
func (r *room[M]) tell(removed []removal[M]) {
	for _, gone := range removed {
		gone.member.stop()
		if _, ok := gone.member.attached.(closer); !ok && gone.reason != ErrSenderClosed {
			gone.member.disconnectWith(tryAgainLater)
		}
	}
	for _, gone := range removed {
		go gone.report()
	}
	if r.len() == 0 {
		_ = r.rooms.settle(r)
	}
}

// closer is what a member's attached value may be. *sockets.Connection is one, and writes
// the reason to the log, which a code on the disconnect channel cannot. It is the
// attached value, and not another parameter, because most members need none: a program
// that has a value to attach embeds the connection in it.
type closer interface {
	Close(code int, reason string) error
}

// report calls the program's closer and its hook. It runs in a goroutine of its own,
// which ends when they return: nothing may wait for them, and removals are rare.
func (gone removal[M]) report() {
	m := gone.member
	m.pumps.Wait()
	if c, ok := m.attached.(closer); ok && gone.reason != ErrSenderClosed {
		m.call("close a member of", func() {
			_ = c.Close(tryAgainLater, gone.reason.Error())
		})
	}
	m.call("report a removal in", func() {
		m.room.rooms.options.OnRemove(m.room.name, m.attached, gone.reason)
	})
}

// call calls code of the program, and reports a panic or a runtime.Goexit in it.
func (m *Member[M]) call(what string, f func()) {
	err := recovered.Apart(func() error { f(); return nil })
	if err != nil {
		m.room.rooms.fail(m.room.name, wrap(what, m.room.name, err))
	}
}

// disconnectWith sends a code if the channel has room. If not, another code is waiting
// there, and the connection ends anyway.
func (m *Member[M]) disconnectWith(code int) {
	defer func() { _ = asClosed(recover()) }()
	select {
	case m.disconnect <- code:
	default:
	}
}
