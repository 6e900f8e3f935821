package logtest_test

import (
	"context"
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// tellOn goes on telling the first follower of each room.
func tellOn(right rooms.Log) rooms.Log {
	var mu sync.Mutex
	all := make(map[string][]func(rooms.News))
	return &faulty{Log: right, follow: func(
		ctx context.Context, room string, receive func(rooms.News),
	) (rooms.Place, error) {
		mu.Lock()
		all[room] = append(all[room], receive)
		mu.Unlock()
		return right.Follow(ctx, room, func(n rooms.News) {
			mu.Lock()
			told := all[room]
			mu.Unlock()
			for _, receive := range told {
				receive(n)
			}
		})
	}}
}

func followTwice(right rooms.Log) rooms.Log {
	return &faulty{Log: right, follow: func(
		ctx context.Context, room string, receive func(rooms.News),
	) (rooms.Place, error) {
		right.Unfollow(room)
		return right.Follow(ctx, room, receive)
	}}
}

// lockWhileTelling has one lock for everything.
func lockWhileTelling(right rooms.Log) rooms.Log {
	var mu sync.Mutex
	f := each(right, func(n rooms.News) []rooms.News { return []rooms.News{n} }).(*faulty)
	follow := f.follow
	f.follow = func(ctx context.Context, room string, receive func(rooms.News)) (rooms.Place, error) {
		return follow(ctx, room, func(n rooms.News) {
			mu.Lock()
			defer mu.Unlock()
			receive(n)
		})
	}
	f.append = func(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
		mu.Lock()
		defer mu.Unlock()
		return right.Append(ctx, room, id, data)
	}
	return f
}

func panics(right rooms.Log) rooms.Log {
	return &faulty{Log: right, unfollow: func(string) error { panic("as a log should not") }}
}

func leakGoroutines(right rooms.Log) rooms.Log {
	return &faulty{Log: right, unfollow: func(room string) error {
		go func() { select {} }()
		return right.Unfollow(room)
	}}
}

func leakReceive() func(rooms.Log) rooms.Log {
	var mu sync.Mutex
	var all []func(rooms.News)
	return func(right rooms.Log) rooms.Log {
		return &faulty{Log: right, follow: func(
			ctx context.Context, room string, receive func(rooms.News),
		) (rooms.Place, error) {
			mu.Lock()
			defer mu.Unlock()
			all = append(all, receive)
			return right.Follow(ctx, room, receive)
		}}
	}
}
