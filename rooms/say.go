package rooms

import (
	"context"
	"crypto/rand"
)

// Say appends msg to the log of the named room, from outside any connection, and returns
// its position. Everyone in the room gets it, in the order of the log. It waits until the
// log has it or ctx ends, for five seconds if ctx has no deadline, and for no member.
//
// The id is the message's: when the same one is said again in the same room, by anybody
// and within the log's window, nothing is appended and Say returns the first position. An
// empty id stands for a new one. Ids that come from clients should begin with who sent
// them: otherwise one client can use up the ids of another.
//
// If the error wraps [ErrUncertain], the message may be in the log, and then everyone
// gets it; say it again with the same id to learn. After any other error nobody sees it,
// ever. OnError is told the same. Without [Options].Log the error is [ErrNoLog].
func (r *Rooms[M]) Say(ctx context.Context, name, id string, msg M) (position string, err error) {
	return r.say(ctx, name, id, msg, nil)
}

// Say is [Rooms.Say] in the member's room; the member gets the message as well. It also
// works after the member has left.
func (m *Member[M]) Say(ctx context.Context, id string, msg M) (position string, err error) {
	return m.room.rooms.say(ctx, m.room.name, id, msg, nil)
}

// say does not have the message sent to one member.
func (r *Rooms[M]) say(
	ctx context.Context, name, id string, msg M, except *Member[M],
) (string, error) {
	if r.options.Log == nil {
		return "", ErrNoLog
	}
	if id == "" {
		id = rand.Text()
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, logWait)
		defer cancel()
	}
	body, err := r.options.Encode(msg)
	if err != nil {
		err = wrap("encode for", name, err)
	}
	var place Place
	if err == nil {
		place, err = r.options.Log.Append(ctx, name, id, sealEntry(r.origin, r.serial(except), body))
		err = wrap("append to", name, err)
	}
	if err != nil {
		r.fail(name, err)
		return "", err
	}
	return place.String(), nil
}

// serial tells the members of r apart. Nobody has 0, which stands for all others: the
// numbers of other Rooms are the same.
func (r *Rooms[M]) serial(m *Member[M]) uint64 {
	if m == nil || m.room.rooms != r {
		return 0
	}
	return m.number
}
