package natsrooms

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
	mark := func(seq, tag uint64, prev rooms.Place) stored {
		e := entry(seq, tag, prev)
		e.mark = true
		return e
	}
	stranger := func(seq uint64) stored {
		return stored{Entry: rooms.Entry{Place: place(seq, 9)}}
	}
	a, b, c := place(5, 50), place(7, 70), place(8, 80)
	none, empty := rooms.Place{}, place(0, 40)
	first, second, third := entry(5, 50, none), entry(7, 70, a), entry(8, 80, b)
	tests := []struct {
		name  string
		after rooms.Place
		found []stored
		want  []uint64
		whole bool
	}{
		{name: "nothing", after: a},
		{name: "itself", after: a, found: []stored{first}, whole: true},
		{name: "all after it", after: a, found: []stored{first, second, third},
			want: []uint64{7, 8}, whole: true},
		{name: "it is gone, the next names it", after: a, found: []stored{second, third},
			want: []uint64{7, 8}, whole: true},
		{name: "the next is gone as well", after: a, found: []stored{third}, want: []uint64{8}},
		{name: "one between is gone", after: a, found: []stored{first, third}, want: []uint64{8}},
		{name: "another log's tag", after: place(5, 51), found: []stored{first, second},
			want: []uint64{5, 7}},
		{name: "another log's tag before it", after: a,
			found: []stored{first, entry(7, 71, place(5, 51))}, want: []uint64{7}},
		{name: "from the beginning", after: none, found: []stored{first, second},
			want: []uint64{5, 7}},
		{name: "made anew", after: a, found: []stored{entry(6, 60, none)}, want: []uint64{6}},
		{name: "a mark after it", after: a, found: []stored{first, mark(6, 60, a), second},
			want: []uint64{7}, whole: true},
		{name: "only a mark proves it", after: a, found: []stored{mark(6, 60, a), second},
			want: []uint64{7}, whole: true},
		{name: "the mark of an end that it missed", after: a,
			found: []stored{first, mark(8, 80, b)}},
		{name: "only the mark of an end that it missed", after: a, found: []stored{mark(8, 80, b)}},
		{name: "an empty room", after: empty, found: []stored{mark(4, 40, none)}, whole: true},
		{name: "the first after an empty room", after: empty,
			found: []stored{mark(4, 40, none), entry(5, 50, empty)}, want: []uint64{5},
			whole: true},
		{name: "and the mark is gone", after: empty, found: []stored{entry(5, 50, empty), second},
			want: []uint64{5, 7}, whole: true},
		{name: "and the first is gone", after: empty, found: []stored{second}, want: []uint64{7}},
		{name: "empty, and marked again", after: empty, found: []stored{mark(6, 60, empty)},
			whole: true},
		{name: "empty again", after: empty, found: []stored{mark(6, 60, none)}},
		{name: "a stranger's", after: a, found: []stored{first, stranger(6),
			entry(7, 70, place(6, 9))}, want: []uint64{6, 7}, whole: true},
		{name: "a stranger's is gone", after: a, found: []stored{first, entry(7, 70, place(6, 9))},
			want: []uint64{7}},
		{name: "only a stranger's", after: a, found: []stored{stranger(6)}, want: []uint64{6}},
		{name: "after a stranger's", after: place(6, 9), found: []stored{stranger(6),
			entry(7, 70, place(6, 9))}, want: []uint64{7}, whole: true},
		{name: "the last", after: c, found: []stored{third}, whole: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			entries, whole := chained(test.after, test.found)
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
