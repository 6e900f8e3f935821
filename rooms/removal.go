package rooms

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

// report calls the hook. It runs in a goroutine of its own, which ends when the hook
// returns. The hook is the user's, so nothing may wait for it; removals are rare.
func (gone removal[M]) report() {
	m := gone.member
	m.pumps.Wait()
	m.room.rooms.options.OnRemove(m.room.name, m.attached, gone.reason)
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
