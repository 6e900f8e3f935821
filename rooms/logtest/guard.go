package logtest

import (
	"context"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

// guarded is the log under test. See package suite.
type guarded struct {
	guard *suite.Guard
	log   rooms.Log
}

func guardLog(t *testing.T, l rooms.Log) rooms.Log {
	// It has more patience than the contexts of the calls.
	return guarded{suite.NewGuard(t, "logtest: the log", patience+patience/2), l}
}

func (g guarded) Append(ctx context.Context, room, id string, data []byte) (
	place rooms.Place, err error,
) {
	return suite.Call(g.guard, "Append", room, func() (rooms.Place, error) {
		return g.log.Append(ctx, room, id, data)
	})
}

func (g guarded) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	return suite.Call(g.guard, "Read", room, func() (rooms.Page, error) {
		return g.log.Read(ctx, room, after)
	})
}

func (g guarded) Follow(ctx context.Context, room string, receive func(rooms.News)) (
	rooms.Place, error,
) {
	return suite.Call(g.guard, "Follow", room, func() (rooms.Place, error) {
		return g.log.Follow(ctx, room, receive)
	})
}

func (g guarded) Unfollow(room string) error {
	return g.guard.Do("Unfollow", room, func() error { return g.log.Unfollow(room) })
}
