package natsrooms

import (
	"context"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
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
	live, breaks := l.live(room), l.breaks()
	f := &follower{room: room, receive: receive, breaks: l.breaks}
	var at end
	err = l.pool.Follow(live, f, &f.Gate, func() (err error) {
		at, err = l.endOf(ctx, room, f, breaks)
		return err
	})
	if err != nil {
		return rooms.Place{}, err
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
		if err := l.pool.Sleep(ctx, 5*time.Millisecond); err != nil {
			return end{}, err
		}
	}
}

// Unfollow implements rooms.Log. It does not block.
func (l *Log) Unfollow(room string) error { return l.pool.Unsubscribe(l.live(room)) }

// follower returns the follower of a room, or nil.
func (l *Log) follower(room string) *follower {
	f, _ := l.pool.Get(l.live(room))
	return f
}
