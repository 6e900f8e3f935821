package logtest

import (
	"context"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/guard"
)

// guarded is the log under test. See package guard.
type guarded struct {
	guard *guard.Guard
	log   rooms.Log
}

func guardLog(t *testing.T, l rooms.Log) rooms.Log {
	return guarded{guard.New(t, "logtest: the log"), l}
}

func (g guarded) Append(ctx context.Context, room, id string, data []byte) (
	place rooms.Place, err error,
) {
	return call(g, "Append", room, func() (rooms.Place, error) {
		return g.log.Append(ctx, room, id, data)
	})
}

func (g guarded) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	return call(g, "Read", room, func() (rooms.Page, error) {
		return g.log.Read(ctx, room, after)
	})
}

func (g guarded) Follow(ctx context.Context, room string, receive func(rooms.News)) (
	rooms.Place, error,
) {
	return call(g, "Follow", room, func() (rooms.Place, error) {
		return g.log.Follow(ctx, room, receive)
	})
}

func (g guarded) Unfollow(room string) error {
	_, err := call(g, "Unfollow", room, func() (struct{}, error) {
		return struct{}{}, g.log.Unfollow(room)
	})
	return err
}

// call has more patience than the contexts of the calls.
func call[T any](g guarded, name, room string, method func() (T, error)) (T, error) {
	return guard.Call(g.guard, name, room, patience+patience/2, method)
}
