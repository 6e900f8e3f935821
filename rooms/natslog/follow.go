package natslog

import (
	"context"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// sweepRooms is how many rooms are told to look each time that the stream was looked at:
// in a cluster a message may be lost between servers, and nobody hears of it.
const sweepRooms = 20

// Follow implements rooms.Log. It costs two round trips. It fails while NATS is away.
func (l *Log) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Place{}, err
	}
	defer cancel()
	live := l.live(room)
	w := l.worker(live)
	f := &follower{log: l, receive: receive}
	if err := w.enter(live, f); err != nil {
		return rooms.Place{}, err
	}
	last, err := l.begins(ctx, room, w, f)
	if err != nil {
		_ = l.Unfollow(room)
		return rooms.Place{}, err
	}
	if f.start(last.Place) {
		w.lookLater(f, nil)
	}
	return last.Place, nil
}

// begins subscribes, and then looks where the log ends: what is appended after that will
// be heard.
func (l *Log) begins(ctx context.Context, room string, w *worker, f *follower) (
	rooms.Entry, error,
) {
	sub, err := l.nc.ChanSubscribe(l.live(room), w.messages)
	if err != nil {
		return rooms.Entry{}, err
	}
	w.mu.Lock()
	f.sub = sub
	closed := w.closed
	w.mu.Unlock()
	if closed { // meanwhile
		_ = end(sub)
		return rooms.Entry{}, ErrClosed
	}
	if err := l.nc.FlushWithContext(ctx); err != nil {
		return rooms.Entry{}, err
	}
	return l.last(ctx, l.subject(room))
}

// Unfollow implements rooms.Log. It does not block.
func (l *Log) Unfollow(room string) error {
	live := l.live(room)
	if f := l.worker(live).leave(live); f != nil && f.sub != nil {
		return end(f.sub)
	}
	return nil
}

// tellAll lets all rooms read what they may have missed since a time of the stream's
// clock.
func (l *Log) tellAll(reason error, whole time.Time) {
	for _, w := range l.workers {
		for _, f := range w.all() {
			f.breakAt(whole)
			w.lookLater(f, reason)
		}
	}
}

// sweep lets some rooms look, others each time.
func (l *Log) sweep() {
	n := 0
	for _, w := range l.workers {
		for _, f := range w.all() {
			if n++; n > sweepRooms {
				return
			}
			w.lookLater(f, nil)
		}
	}
}
