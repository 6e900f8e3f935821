package redisrooms

import (
	"context"
	"errors"
	"sync"
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
	channel, f := l.channel(room), &follower{receive: receive}
	switch err := l.pool.Enter(channel, f); err {
	case nil:
	case pool.ErrEntered:
		return rooms.Place{}, ErrFollowed
	default:
		return rooms.Place{}, ErrClosed
	}
	at, err := l.begins(ctx, room, channel)
	if err != nil {
		l.pool.Leave(channel)
		l.link.unsubscribe(channel)
		return rooms.Place{}, err
	}
	if f.start() {
		l.pool.Owe(channel, nil)
	}
	return at, nil
}

// begins subscribes, and reads the end of the room when the server has the subscription.
// So it misses nothing that is appended after that end.
func (l *Log) begins(ctx context.Context, room, channel string) (rooms.Place, error) {
	answered, err := l.link.subscribe(channel)
	switch {
	case err != nil:
		return rooms.Place{}, err
	case l.pool.Subscribed(channel) != nil: // closed since Enter
		return rooms.Place{}, ErrClosed
	case !answered:
		return rooms.Place{}, errUnanswered
	}
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
func (l *Log) Unfollow(room string) error {
	channel := l.channel(room)
	if _, ok := l.pool.Leave(channel); ok {
		l.link.unsubscribe(channel)
	}
	return nil
}

// follower is a room that this process follows.
type follower struct {
	receive func(rooms.News)

	mu    sync.Mutex // protects the fields below
	ready bool       // Follow is about to return; until then nothing is passed on
	early bool       // something came before that
}

// Receive implements pool.Room. What is not published by the append script only makes
// the room look.
func (f *follower) Receive(m message) {
	if f.takes() {
		n, ok := parseNews(m.data)
		if !ok {
			n = rooms.News{}
		}
		f.receive(n)
	}
}

// Lose implements pool.Room.
func (f *follower) Lose(loss error) {
	if f.takes() {
		f.receive(rooms.News{Err: loss})
	}
}

// takes reports whether Follow has returned, and notes otherwise that something came.
func (f *follower) takes() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.early = f.early || !f.ready
	return f.ready
}

// start makes the follower pass on what comes. It reports whether something came before.
func (f *follower) start() (early bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ready = true
	return f.early
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
	for l.sleep(context.Background(), period) {
		due := float64(len(l.pool.All())) * 4 * float64(period) / float64(l.options.Age)
		l.pool.Sweep(max(sweepRooms, int(due)+1))
	}
}
