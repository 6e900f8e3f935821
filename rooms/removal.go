package rooms

import (
	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

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
// the reason to the log, which a code on the disconnect channel cannot. It is the attached
// value, and not another parameter, because most members need none: a program that has a
// value to attach embeds the connection in it.
type closer interface {
	Close(code int, reason string) error
}

// report calls the program's closer and its hook. It runs in a goroutine of its own, which
// ends when they return: nothing may wait for them, and removals are rare.
func (gone removal[M]) report() {
	m := gone.member
	m.pumps.Wait()
	if c, ok := m.attached.(closer); ok && gone.reason != ErrSenderClosed {
		m.call("close a member of", func() { _ = c.Close(tryAgainLater, gone.reason.Error()) })
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
