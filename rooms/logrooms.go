package rooms

import (
	"context"
)

// LogRooms is a [Rooms] on a log. Make one with [NewOnLog]. Besides what any Rooms does, it
// can tell that the log has a message, and what a client has missed.
type LogRooms[M any] struct {
	*Rooms[M]
	log *onLog[M]
}

// LogMember is a [Member] that has joined with [LogRooms.JoinAfter].
type LogMember[M any] struct {
	*Member[M]
	log *onLog[M]
}

// NewOnLog makes a [LogRooms]; nil options mean the defaults. The log keeps the messages
// and carries them to other processes; see the package documentation. Each LogRooms needs
// a log of its own. NewOnLog panics if the log is nil, if there is a Broker as well, or if
// the options contain another mistake, see [Options].Encode.
func NewOnLog[M any](log Log, o *Options[M]) *LogRooms[M] {
	if log == nil {
		panic("rooms: NewOnLog nil: a log is needed, or New")
	}
	c := compile(o, true)
	if c.Broker != nil {
		panic("rooms: Options.Broker: a log carries messages by itself")
	}
	l := &onLog[M]{newRooms(c), log, newOrigin()}
	l.carrier = l
	return &LogRooms[M]{l.Rooms, l}
}

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
// OnError gets the same error.
func (r *LogRooms[M]) Say(ctx context.Context, name, id string, msg M) (position string, err error) {
	return r.log.say(ctx, name, id, msg, nil)
}

// Say is [LogRooms.Say] in the member's room; the member gets the message as well. It also
// works after the member has left.
func (m *LogMember[M]) Say(ctx context.Context, id string, msg M) (position string, err error) {
	return m.log.say(ctx, m.room.name, id, msg, nil)
}
