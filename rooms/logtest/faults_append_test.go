package logtest_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// appending does something else than to append.
type appending func(
	right rooms.Log, ctx context.Context, room, id string, data []byte,
) (rooms.Place, error)

func (f appending) log(right rooms.Log) rooms.Log {
	return &faulty{Log: right, append: func(
		ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		return f(right, ctx, room, id, data)
	}}
}

// loseEach takes each nth entry away, and makes up a place.
func loseEach(n int64) func(rooms.Log) rooms.Log {
	var count atomic.Int64
	return appending(func(
		right rooms.Log, ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		if count.Add(1)%n == 0 {
			return rooms.Place{Seq: uint64(n), Tag: 1}, nil
		}
		return right.Append(ctx, room, id, data)
	}).log
}

func dropLarge(right rooms.Log) rooms.Log {
	return appending(func(
		right rooms.Log, ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		if len(data) > 50_000 {
			return rooms.Place{Seq: 1 << 20, Tag: 1}, nil
		}
		return right.Append(ctx, room, id, data)
	}).log(right)
}

// keepBuffer reads the data when somebody asks for it.
func keepBuffer() func(rooms.Log) rooms.Log {
	var mu sync.Mutex
	kept := make(map[rooms.Place][]byte)
	return func(right rooms.Log) rooms.Log {
		read := reading(func(page *rooms.Page, _ rooms.Place) {
			mu.Lock()
			defer mu.Unlock()
			for i, e := range page.Entries {
				page.Entries[i].Data = append([]byte{}, kept[e.Place]...)
			}
		})(right).(*faulty)
		read.append = func(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
			place, err := right.Append(ctx, room, id, data)
			mu.Lock()
			defer mu.Unlock()
			kept[place] = data
			return place, err
		}
		return read
	}
}

// foldNames takes small and capital letters for the same.
func foldNames(right rooms.Log) rooms.Log {
	return appending(func(
		right rooms.Log, ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		if lower := strings.ToLower(room); lower != room {
			right.Append(ctx, lower, "folded "+id, data)
		}
		return right.Append(ctx, room, id, data)
	}).log(right)
}

func forgetIDs(right rooms.Log) rooms.Log {
	var count atomic.Int64
	return appending(func(
		right rooms.Log, ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		return right.Append(ctx, room, fmt.Sprint(count.Add(1)), data)
	}).log(right)
}

// mixIDs knows an id in all rooms.
func mixIDs() func(rooms.Log) rooms.Log {
	var known sync.Map
	return appending(func(
		right rooms.Log, ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		if place, ok := known.Load(id); ok {
			return place.(rooms.Place), nil
		}
		place, err := right.Append(ctx, room, id, data)
		known.Store(id, place)
		return place, err
	}).log
}

// learnLate knows an id once it has been appended, and not before. The first call waits
// for the second, so that neither knows the id.
func learnLate() func(rooms.Log) rooms.Log {
	var known sync.Map
	var count atomic.Int64
	two := make(chan struct{})
	return appending(func(
		right rooms.Log, ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		if place, ok := known.Load(room + "/" + id); ok {
			return place.(rooms.Place), nil
		}
		n := count.Add(1)
		if n == 2 {
			close(two)
		}
		<-two
		place, err := right.Append(ctx, room, fmt.Sprint(n), data)
		known.Store(room+"/"+id, place)
		return place, err
	}).log
}

func ignoreEnd(right rooms.Log) rooms.Log {
	return appending(func(
		right rooms.Log, _ context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		return right.Append(context.Background(), room, id, data)
	}).log(right)
}

func block(right rooms.Log) rooms.Log {
	return appending(func(
		rooms.Log, context.Context, string, string, []byte,
	) (rooms.Place, error) {
		select {}
	}).log(right)
}

func acknowledgeAlways(right rooms.Log) rooms.Log {
	return appending(func(
		right rooms.Log, ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		place, _ := right.Append(ctx, room, id, data)
		return place, nil
	}).log(right)
}

// keepForLater appends what was refused when it can, under another id, and once more.
func keepForLater() func(rooms.Log) rooms.Log {
	var mu sync.Mutex
	var last []byte
	return appending(func(
		right rooms.Log, ctx context.Context, room, id string, data []byte,
	) (rooms.Place, error) {
		mu.Lock()
		defer mu.Unlock()
		place, err := right.Append(ctx, room, id, data)
		if err != nil && last != nil {
			return place, err
		}
		if last != nil {
			right.Append(ctx, room, "again "+id, last)
		}
		last = append([]byte{}, data...)
		return place, err
	}).log
}
