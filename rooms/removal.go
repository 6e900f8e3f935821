package rooms

// tryAgainLater is the close code for a member that was too slow (RFC 6455 section 7.4,
// IANA's registry).
const tryAgainLater = 1013

// removal is a member that was removed, and why.
type removal[M any] struct {
	member *Member[M]
	reason error
}

// tell disconnects the members that were removed, and has the hook called for each. It is
// a goroutine that ends when the room, if nobody is left in it, is forgotten.
func (r *room[M]) tell(removed []removal[M]) {
	for _, gone := range removed {
		gone.member.stop()
		if gone.reason != ErrSenderClosed {
			gone.member.disconnectWith(tryAgainLater)
		}
	}
	for _, gone := range removed {
		go gone.report()
	}
	if r.len() == 0 {
		r.rooms.settle(r)
	}
}

// report calls the hook. It has a goroutine of its own, which ends when the hook returns:
// removals are rare, and the hook is the user's, so nobody can wait for it.
func (gone removal[M]) report() {
	m := gone.member
	m.pumps.Wait()
	m.room.rooms.options.OnRemove(m.room.name, m.attached, gone.reason)
}

// disconnectWith sends a code if there is room for it. If not, a code waits there
// already, and the connection ends anyway.
func (m *Member[M]) disconnectWith(code int) {
	defer func() { _ = asClosed(recover()) }()
	select {
	case m.disconnect <- code:
	default:
	}
}
