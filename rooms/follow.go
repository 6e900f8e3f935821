package rooms

import "context"

// settleOrLeave is settle for a member that has joined a room on a log. If the log cannot
// be followed the member is out again: it would miss what is said, without a way to know.
func (r *Rooms[M]) settleOrLeave(m *Member[M]) error {
	err := r.adjust(m.room)
	if err != nil {
		r.fail(m.room.name, err)
		m.Leave()
	}
	return err
}

// follow is called in a turn of the link.
func (r *Rooms[M]) follow(room *room[M]) error {
	ctx, cancel := context.WithTimeout(context.Background(), logWait)
	defer cancel()
	f := &feed[M]{room: room, busy: true}
	end, err := r.options.Log.Follow(ctx, room.name, f.receive)
	if err != nil {
		f.end()
		return err
	}
	room.startAt(f, end)
	f.start(end)
	return nil
}

// unfollow is called in a turn of the link.
func (r *Rooms[M]) unfollow(room *room[M]) error {
	room.startAt(nil, Place{}).end()
	return r.options.Log.Unfollow(room.name)
}

// startAt lets a feed begin in a room after a place, for all members. It returns the one
// before.
func (r *room[M]) startAt(f *feed[M], at Place) (before *feed[M]) {
	r.beginTurn()
	defer r.endTurn()
	before, r.feed, r.at = r.feed, f, at
	for _, s := range r.seats {
		s.member.from = at
	}
	return before
}

// restartAt removes all members from a room whose log has a gap. Whoever comes later is
// after the gap.
func (r *room[M]) restartAt(f *feed[M], at Place) {
	r.beginTurn()
	defer r.endTurn()
	if r.feed != f {
		return
	}
	for len(r.seats) > 0 {
		r.remove(r.seats[0].member, ErrGap)
	}
	r.at = at
}

// sendAt gives what is at a place of the log to the members, but for one; or only notes
// the place, when there is nothing to give. A feed that has ended gives nothing.
func (r *room[M]) sendAt(f *feed[M], at Place, msg sized[M], except uint64, ok bool) {
	r.beginTurn()
	defer r.endTurn()
	if r.feed != f {
		return
	}
	r.at = at
	if ok {
		r.sendAll(msg, r.numbered(except))
	}
}

// numbered returns the member of that number, nil if it is not here.
func (r *room[M]) numbered(number uint64) *Member[M] {
	if number == 0 {
		return nil
	}
	for _, s := range r.seats {
		if s.member.number == number {
			return s.member
		}
	}
	return nil
}

// lookAgain lets the feed look whether something was left out.
func (r *room[M]) lookAgain() {
	r.beginTurn()
	f := r.feed
	r.endTurn()
	if f != nil {
		f.receive(News{})
	}
}
