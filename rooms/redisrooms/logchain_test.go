package redisrooms

import (
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Contract 11.3: never complete by mistake. A chain proves what is there.
func TestChained(t *testing.T) {
	place := func(seq, tag uint64) rooms.Place { return rooms.Place{Seq: seq, Tag: tag} }
	entry := func(seq, tag uint64, prev rooms.Place) stored {
		return stored{Entry: rooms.Entry{Place: place(seq, tag)}, prev: prev, linked: true}
	}
	stranger := func(seq uint64) stored {
		return stored{Entry: rooms.Entry{Place: place(seq, 9)}}
	}
	none, empty := rooms.Place{}, place(0, 40)
	a, b, c := place(1, 50), place(2, 70), place(3, 80)
	first, second, third := entry(1, 50, none), entry(2, 70, a), entry(3, 80, b)
	tests := []struct {
		name  string
		after rooms.Place
		found []stored
		more  bool
		last  rooms.Place // of the last one that was found, if zero
		want  []uint64
		whole bool
	}{
		{name: "no stream", after: a},
		{name: "no stream, from the beginning", after: none},
		{name: "itself", after: a, found: []stored{first}, whole: true},
		{name: "all after it", after: a, found: []stored{first, second, third},
			want: []uint64{2, 3}, whole: true},
		{name: "it is gone, the next names it", after: a, found: []stored{second, third},
			want: []uint64{2, 3}, whole: true},
		{name: "the next is gone as well", after: a, found: []stored{third}, want: []uint64{3}},
		{name: "one between is gone", after: a, found: []stored{first, third}, want: []uint64{3}},
		{name: "one later is gone", after: empty,
			found: []stored{entry(1, 50, empty), second, entry(4, 90, c)}, want: []uint64{1, 2, 4}},
		{name: "another tag", after: place(1, 51), found: []stored{second}, want: []uint64{2}},
		{name: "a number given again", after: a, found: []stored{entry(1, 51, none),
			entry(2, 71, place(1, 51))}, want: []uint64{1, 2}},
		{name: "from the beginning", after: none, found: []stored{first, second},
			want: []uint64{1, 2}},
		{name: "the last after it is gone", after: a, found: []stored{first, second}, last: c,
			want: []uint64{2}},
		{name: "there are more", after: a, found: []stored{first, second}, more: true, last: none,
			want: []uint64{2}, whole: true},
		{name: "the last, and it is gone", after: c, last: c, whole: true},
		{name: "a later one, and it is gone", after: a, last: c},
		{name: "an empty room", after: empty, last: empty, whole: true},
		{name: "empty again", after: empty, last: place(0, 41)},
		{name: "the first after an empty room", after: empty,
			found: []stored{entry(1, 50, empty)}, want: []uint64{1}, whole: true},
		{name: "and the first is gone", after: empty, found: []stored{second}, want: []uint64{2}},
		{name: "a stranger's", after: a, found: []stored{first, stranger(2),
			entry(3, 80, place(2, 9))}, want: []uint64{2, 3}, whole: true},
		{name: "only a stranger's", after: a, found: []stored{stranger(2)}, want: []uint64{2}},
		{name: "after a stranger's", after: place(2, 9), found: []stored{stranger(2),
			entry(3, 80, place(2, 9))}, want: []uint64{3}, whole: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			last := test.last
			if n := len(test.found); n > 0 && last == none && !test.more {
				last = test.found[n-1].Place
			}
			entries, whole := chained(test.after, test.found, test.more, last)
			var got []uint64
			for _, e := range entries {
				got = append(got, e.Seq)
			}
			if !slices.Equal(got, test.want) || whole != test.whole {
				t.Errorf("chained(%v) = %v, whole %v, want %v, %v",
					test.after, got, whole, test.want, test.whole)
			}
		})
	}
}
