package logtest_test

import (
	"context"
	"slices"
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// reading changes what Read returns.
func reading(change func(page *rooms.Page, after rooms.Place)) func(rooms.Log) rooms.Log {
	return func(right rooms.Log) rooms.Log {
		return &faulty{Log: right, read: func(
			ctx context.Context, room string, after rooms.Place,
		) (rooms.Page, error) {
			page, err := right.Read(ctx, room, after)
			change(&page, after)
			return page, err
		}}
	}
}

// whole changes what Read says of its page.
func whole(say func(is bool, after rooms.Place) bool) func(rooms.Log) rooms.Log {
	return reading(func(page *rooms.Page, after rooms.Place) {
		page.Whole = say(page.Whole, after)
	})
}

func reverse(right rooms.Log) rooms.Log {
	return reading(func(page *rooms.Page, _ rooms.Place) { slices.Reverse(page.Entries) })(right)
}

func emptyMore(right rooms.Log) rooms.Log {
	return reading(func(page *rooms.Page, _ rooms.Place) {
		page.Entries, page.More = nil, true
	})(right)
}

// wholeIfOwn says that all is there after each place that it knows the tag of.
func wholeIfOwn() func(rooms.Log) rooms.Log {
	return reading(func(page *rooms.Page, after rooms.Place) {
		n := len(page.Entries)
		page.Whole = page.Whole || n > 0 && page.Entries[0].Tag == after.Tag &&
			after.Seq < page.Entries[n-1].Seq
	})
}

// wholeAfterEnd looks at the tag only, and has nothing missing where there is nothing.
func wholeAfterEnd() func(rooms.Log) rooms.Log {
	return reading(func(page *rooms.Page, after rooms.Place) {
		n := len(page.Entries)
		page.Whole = page.Whole || n > 0 && page.Entries[0].Tag == after.Tag &&
			after.Seq > page.Entries[n-1].Seq
	})
}

// shareRead hands the same memory to everyone who reads the same.
func shareRead() func(rooms.Log) rooms.Log {
	var mu sync.Mutex
	shared := make(map[rooms.Place][]byte)
	return reading(func(page *rooms.Page, _ rooms.Place) {
		mu.Lock()
		defer mu.Unlock()
		for i, e := range page.Entries {
			if _, ok := shared[e.Place]; !ok {
				shared[e.Place] = e.Data
			}
			page.Entries[i].Data = shared[e.Place]
		}
	})
}

// forgetTag gives all places one tag, and believes any.
func forgetTag(right rooms.Log) rooms.Log {
	const tag = 7
	var mu sync.Mutex
	tags := make(map[string]uint64) // the right ones
	learn := func(room string, p *rooms.Place) {
		mu.Lock()
		defer mu.Unlock()
		if p.Tag != 0 {
			tags[room] = p.Tag
		}
		p.Tag = tag
	}
	return &faulty{
		Log: right,
		append: func(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
			place, err := right.Append(ctx, room, id, data)
			learn(room, &place)
			return place, err
		},
		read: func(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
			mu.Lock()
			after.Tag = tags[room]
			mu.Unlock()
			page, err := right.Read(ctx, room, after)
			for i := range page.Entries {
				learn(room, &page.Entries[i].Place)
			}
			return page, err
		},
	}
}
