package redisrooms

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// errForgotten means that an id is in the window, but its entry is not in the stream any
// more. It may have been dropped, or lost with the stream.
var errForgotten = errors.New("the entry with this id is not kept any more")

// pause gives a failover time, or a slot that is moved.
const pause = 50 * time.Millisecond

// Append implements rooms.Log. It takes one round trip. If the server's answer is lost,
// or another server takes over, it tries again, until ctx ends, or for LogOptions.Wait.
// All other errors it returns at once, above all while Redis is down. A context that is
// cancelled before its deadline is noticed after three seconds at the latest.
func (l *Log) Append(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
	ctx, cancel, err := l.begin(ctx)
	if err != nil {
		return rooms.Place{}, err
	}
	defer cancel()
	a := appending{log: l, tag: newTag(), data: data,
		keys: []string{l.stream(room), l.id(room, id)}, channel: l.channel(room)}
	for {
		begun := time.Now()
		place, err := a.try(ctx)
		kind := judge(err)
		switch {
		case err == nil:
			return place, nil
		case errors.Is(err, errLate):
			if ctx.Err() == nil {
				continue // the clock is known better now
			}
			kind = refused
		case errors.Is(err, errForgotten):
			return rooms.Place{}, fmt.Errorf("redisrooms: %w: %w", rooms.ErrUncertain, err)
		case kind == unknown:
			a.uncertain = true
		}
		if !a.uncertain && (kind == refused || !another(ctx, time.Since(begun))) ||
			l.pool.Sleep(ctx, pause) != nil {
			return rooms.Place{}, a.failure(err)
		}
	}
}

// another reports whether there is time for one more try, after one that took so long. One
// that ctx cuts off would make uncertain what is certain.
func another(ctx context.Context, took time.Duration) bool {
	until, _ := ctx.Deadline()
	return time.Until(until) > 4*pause+2*took
}

// appending is an entry on its way into the log.
type appending struct {
	log       *Log
	tag       string
	data      []byte
	keys      []string
	channel   string
	uncertain bool // it may be in the log, or get there
}

// errLate means that the entry came to the server too late, by the server's clock. It is
// not in the log.
var errLate = errors.New("redisrooms: it came too late, by the server's clock")

// try sends the entry once.
func (a *appending) try(ctx context.Context) (rooms.Place, error) {
	o, sent := &a.log.options, time.Now()
	until, _ := ctx.Deadline()
	answer, err := a.log.client.run(ctx, appendScript, a.keys, a.tag, a.data,
		a.log.clock.at(until).Microseconds(), o.Count, o.Age.Milliseconds(),
		o.Window.Milliseconds(), a.channel)
	if err != nil {
		return rooms.Place{}, err
	}
	parts, _ := answer.([]any)
	if len(parts) < 2 {
		return rooms.Place{}, errAnswer
	}
	now, _ := parts[1].(int64)
	a.log.clock.see(time.Duration(now)*time.Microsecond, sent, time.Now())
	switch parts[0] {
	case "late":
		return rooms.Place{}, errLate
	case "forgotten":
		return rooms.Place{}, errForgotten
	}
	place, ok := parsePlace(parts[len(parts)-1])
	if !ok {
		return rooms.Place{}, errAnswer
	}
	return place, nil
}

func (a *appending) failure(err error) error {
	if a.uncertain {
		return fmt.Errorf("redisrooms: %w: %w", rooms.ErrUncertain, err)
	}
	return err
}

// newTag returns a random tag, which is not 0.
func newTag() string { return strconv.FormatUint(rand.Uint64()|1, 10) }
