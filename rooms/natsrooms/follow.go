package natsrooms

import (
	"context"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
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

// begins subscribes, and then reads the last entry. So it misses nothing that is appended
// after that entry.
func (l *Log) begins(ctx context.Context, room string, w *logWorker, f *follower) (
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
	if closed { // since enter
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

// tellAll makes all rooms read what they may have missed since the time whole, by the
// stream's clock.
func (l *Log) tellAll(reason error, whole time.Time) {
	for _, w := range l.workers {
		for _, f := range w.all() {
			f.breakAt(whole)
			w.lookLater(f, reason)
		}
	}
}

// sweep makes some rooms look. Maps iterate in random order, so they differ each time.
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
