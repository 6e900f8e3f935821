package rooms

import (
	"context"
)

// settleOrLeave is settle for a member that has joined a room on a log. If the log cannot
// be followed, the member leaves again: it would miss messages without knowing.
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

// startAt makes f the feed of the room, from a place on, for all members. It returns the
// previous feed.
func (r *room[M]) startAt(f *feed[M], at Place) (before *feed[M]) {
	r.beginTurn()
	defer r.endTurn()
	before, r.feed, r.at = r.feed, f, at
	for _, s := range r.seats {
		s.member.from = at
	}
	return before
}

// restartAt removes all members from a room whose log has a gap. Members that join later
// start after the gap, at the given place.
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

// sendAt sends the message at a place in the log to all members but one. If ok is false,
// there is no message, and it only moves the room to the place. It does nothing if f is
// no longer the room's feed.
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

// numbered returns the member with that number, or nil if it is not in the room.
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

// lookAgain makes the feed read, in case it was not told of an entry.
func (r *room[M]) lookAgain() {
	r.beginTurn()
	f := r.feed
	r.endTurn()
	if f != nil {
		f.receive(News{})
	}
}
