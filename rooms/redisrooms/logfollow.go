package redisrooms

import (
	"context"
	"errors"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/pool"
)

// errUnanswered means that the server has not acknowledged a subscription.
var errUnanswered = errors.New("redisrooms: the subscription was not acknowledged in time")

// Follow implements rooms.Log. It takes two round trips. While Redis is down it returns
// an error.
func (l *Log) Follow(
	ctx context.Context, room string, receive func(rooms.News),
) (rooms.Place, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Place{}, err
	}
	defer cancel()
	var at rooms.Place
	f := &follower{receive: receive}
	err = l.pool.Follow(l.channel(room), f, &f.Gate, func() (err error) {
		at, err = l.end(ctx, room)
		return err
	})
	return at, err
}

// end returns where a room ends.
func (l *Log) end(ctx context.Context, room string) (rooms.Place, error) {
	answer, err := l.client.run(ctx, followScript, []string{l.stream(room)}, newTag(),
		l.options.Age.Milliseconds())
	if err != nil {
		return rooms.Place{}, err
	}
	at, ok := parsePlace(answer)
	if !ok {
		return rooms.Place{}, errAnswer
	}
	return at, nil
}

// Unfollow implements rooms.Log. It does not wait for Redis.
func (l *Log) Unfollow(room string) error { return l.pool.Unsubscribe(l.channel(room)) }

// follower is a room that this process follows.
type follower struct {
	receive func(rooms.News)
	pool.Gate
}

// Receive implements pool.Room. What is not published by the append script only makes
// the room look.
func (f *follower) Receive(m message) {
	if f.Passes() {
		n, ok := parseNews([]byte(m.data))
		if !ok {
			n = rooms.News{}
		}
		f.receive(n)
	}
}

// Lose implements pool.Room.
func (f *follower) Lose(loss error) {
	if f.Passes() {
		f.receive(rooms.News{Err: loss})
	}
}

const (
	// Each sweepPeriod up to sweepRooms rooms, in turn, look whether they have missed
	// something: pub/sub tells nobody what it has dropped.
	sweepPeriod = 5 * time.Second
	sweepRooms  = 20
)

// sweep runs until the log is closed. Looking also keeps a room for another Age, so each
// room has its turn four times in it.
func (l *Log) sweep() {
	period := min(sweepPeriod, l.options.Age/4)
	for l.pool.Sleep(context.Background(), period) == nil {
		due := float64(len(l.pool.All())) * 4 * float64(period) / float64(l.options.Age)
		l.pool.Sweep(max(sweepRooms, int(due)+1))
	}
}
