package natsrooms

import (
	"context"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
)

// sweepRooms is how many rooms are told to look after each look at the stream: in a
// cluster a message may be lost between two servers without any sign.
const sweepRooms = 20

// Follow implements rooms.Log. It takes two round trips. While NATS is down it returns an
// error.
func (l *Log) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Place{}, err
	}
	defer cancel()
	live := l.live(room)
	f := &follower{log: l, receive: receive}
	switch err := l.pool.Enter(live, f); err {
	case nil:
	case pool.ErrEntered:
		return rooms.Place{}, ErrFollowed
	default:
		return rooms.Place{}, ErrClosed
	}
	last, err := l.begins(ctx, room, f)
	if err != nil {
		l.pool.Leave(live)
		_ = l.link.unsubscribe(f.sub)
		return rooms.Place{}, err
	}
	if f.start(last.Place) {
		l.pool.Owe(live, nil)
	}
	return last.Place, nil
}

// begins subscribes, and then reads the last entry. So it misses nothing that is appended
// after that entry.
func (l *Log) begins(ctx context.Context, room string, f *follower) (rooms.Entry, error) {
	live := l.live(room)
	var answered bool
	var err error
	if f.sub, answered, err = l.link.subscribe(live, l.pool.Queue(live)); err != nil {
		return rooms.Entry{}, err
	}
	switch {
	case l.pool.Subscribed(live) != nil: // closed since Enter
		return rooms.Entry{}, ErrClosed
	case !answered:
		return rooms.Entry{}, nats.ErrTimeout
	}
	return l.last(ctx, l.subject(room))
}

// Unfollow implements rooms.Log. It does not block.
func (l *Log) Unfollow(room string) error {
	f, ok := l.pool.Leave(l.live(room))
	if !ok {
		return nil
	}
	return l.link.unsubscribe(f.sub)
}

// tellAll makes all rooms read what they may have missed since the time whole, by the
// stream's clock.
func (l *Log) tellAll(reason error, whole time.Time) {
	for _, f := range l.pool.All() {
		f.breakAt(whole)
	}
	l.pool.OweAll(reason)
}
