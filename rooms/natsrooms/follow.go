package natsrooms

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
)

// Just after Follow, the servers of a cluster may not know yet that messages of the
// room have to come here. So the room looks again after these times, unless it has
// heard something meanwhile, which proves the path.
var lookAgain = []time.Duration{250 * time.Millisecond, 2 * time.Second}

// Follow implements rooms.Log. It takes two round trips, and a third one for an empty
// room, which gets an entry without a message. While NATS is down it returns an error.
func (l *Log) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Place{}, err
	}
	defer cancel()
	live := l.live(room)
	f := &follower{room: room, receive: receive, breaks: l.breaks}
	switch err := l.pool.Enter(live, f); err {
	case nil:
	case pool.ErrEntered:
		return rooms.Place{}, ErrFollowed
	default:
		return rooms.Place{}, ErrClosed
	}
	at, err := l.begins(ctx, room, f)
	if err != nil {
		l.pool.Leave(live)
		_ = l.link.unsubscribe(f.sub)
		return rooms.Place{}, err
	}
	if f.start() {
		l.pool.Owe(live, nil)
	}
	for _, after := range lookAgain {
		time.AfterFunc(after, func() {
			if !f.hasHeard() {
				l.pool.Owe(live, nil)
			}
		})
	}
	return at.place, nil
}

// begins subscribes, and then reads the last entry. So it misses nothing that is
// appended after that entry.
func (l *Log) begins(ctx context.Context, room string, f *follower) (end, error) {
	live, breaks := l.live(room), l.breaks()
	var answered bool
	var err error
	if f.sub, answered, err = l.link.subscribe(live, l.pool.Queue(live)); err != nil {
		return end{}, err
	}
	switch {
	case l.pool.Subscribed(live) != nil: // closed since Enter
		return end{}, ErrClosed
	case !answered:
		return end{}, nats.ErrTimeout
	}
	return l.endOf(ctx, room, f, breaks)
}

// endOf returns the end of a room that is followed. If the room is empty, it gets a
// mark.
func (l *Log) endOf(ctx context.Context, room string, f *follower, breaks uint64) (
	at end, err error,
) {
	for {
		last, found, err := l.last(ctx, l.subject(room))
		if err != nil {
			return end{}, err
		}
		at, born := last.end(), l.stream.ours(last.at)
		if !found {
			born = time.Now()
			at, err = l.mark(ctx, room, end{})
		}
		switch {
		case err == nil:
			f.setEnd(at, breaks, born)
			return at, nil
		case judge(err) == refused:
			return end{}, err
		}
		if err := sleep(ctx, 5*time.Millisecond); err != nil {
			return end{}, err
		}
	}
}

// Unfollow implements rooms.Log. It does not block.
func (l *Log) Unfollow(room string) error {
	f, ok := l.pool.Leave(l.live(room))
	if !ok {
		return nil
	}
	return l.link.unsubscribe(f.sub)
}

// follower returns the follower of a room, or nil.
func (l *Log) follower(room string) *follower {
	f, _ := l.pool.Get(l.live(room))
	return f
}
