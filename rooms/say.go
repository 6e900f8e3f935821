package rooms

import (
	"context"
	"crypto/rand"
	"math"
	"slices"
)

// Say appends msg to the log of the named room, from outside any connection, and
// returns its position. All members of the room get it, in the order of the log. Say
// blocks until the log has the message or ctx ends, for at most five seconds if ctx has
// no deadline. It never waits for a member.
//
// The id identifies the message. If the same id is said again in the same room, by
// anyone and within the log's window, nothing is appended, and Say returns the first
// position. If id is empty, Say makes a new one. An id that comes from a client should
// begin with the client's name or account: otherwise one client can use up the ids of
// another.
//
// If the error wraps [ErrUncertain], the log may have the message, and then all members
// get it. To find out, say it again with the same id. After any other error nobody ever
// sees the message. It wraps [ErrUnsendable] if the members cannot be sent the message.
// OnError gets the same error. Without [Options].Log the error is
// [ErrNoLog].
func (r *Rooms[M]) Say(ctx context.Context, name, id string, msg M) (position string, err error) {
	return r.say(ctx, name, id, msg, nil)
}

// Say is [Rooms.Say] in the member's room; the member gets the message as well. It also
// works after the member has left.
func (m *Member[M]) Say(ctx context.Context, id string, msg M) (position string, err error) {
	return m.room.rooms.say(ctx, m.room.name, id, msg, nil)
}

// say is Say for everyone except one member, which may be nil.
func (r *Rooms[M]) say(
	ctx context.Context, name, id string, msg M, except *Member[M],
) (string, error) {
	if r.options.Log == nil {
		return "", ErrNoLog
	}
	if id == "" {
		id = rand.Text()
	}
	_, body, err := r.prepare(name, msg)
	if err == nil {
		err = r.tryStamp(name, body)
	}
	if err != nil {
		return "", err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, logWait)
		defer cancel()
	}
	entry := sealEntry(r.origin, r.serial(except), body)
	place, err := r.options.Log.Append(ctx, name, id, entry)
	if err = wrap("append to", name, err); err != nil {
		r.fail(name, err)
		return "", err
	}
	return place.String(), nil
}

// tryStamp stamps a copy of a message with the longest position: an entry that its Stamp
// makes too large would be in the log, and reach nobody.
func (r *Rooms[M]) tryStamp(name string, body []byte) error {
	if r.options.Stamp == nil {
		return nil
	}
	_, err := r.accept(slices.Clone(body), &Place{math.MaxUint64, math.MaxUint64})
	return r.refuse(name, err)
}

// serial returns the number of a member of r, and 0 for nil and for members of other Rooms,
// whose numbers are the same. No member has 0.
func (r *Rooms[M]) serial(m *Member[M]) uint64 {
	if m == nil || m.room.rooms != r {
		return 0
	}
	return m.number
}
