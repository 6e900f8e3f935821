package chain

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Contract 11.3: never complete by mistake. A chain proves what is there.
func TestChained(t *testing.T) {
	place := func(seq, tag uint64) rooms.Place { return rooms.Place{Seq: seq, Tag: tag} }
	entry := func(seq, tag uint64, prev rooms.Place) Link {
		return Link{Entry: rooms.Entry{Place: place(seq, tag)}, Prev: prev, Linked: true}
	}
	mark := func(seq, tag uint64, prev rooms.Place) Link {
		e := entry(seq, tag, prev)
		e.Mark = true
		return e
	}
	stranger := func(seq uint64) Link {
		return Link{Entry: rooms.Entry{Place: place(seq, 9)}}
	}
	a, b, c := place(5, 50), place(7, 70), place(8, 80)
	none, empty := rooms.Place{}, place(0, 40)
	first, second, third := entry(5, 50, none), entry(7, 70, a), entry(8, 80, b)
	tests := []struct {
		name  string
		after rooms.Place
		found []Link
		want  []uint64
		whole bool
	}{
		{name: "nothing", after: a, whole: true},
		{name: "nothing, from the beginning", after: none},
		{name: "itself", after: a, found: []Link{first}, whole: true},
		{name: "all after it", after: a, found: []Link{first, second, third},
			want: []uint64{7, 8}, whole: true},
		{name: "it is gone, the next names it", after: a, found: []Link{second, third},
			want: []uint64{7, 8}, whole: true},
		{name: "the next is gone as well", after: a, found: []Link{third}, want: []uint64{8}},
		{name: "one between is gone", after: a, found: []Link{first, third}, want: []uint64{8}},
		{name: "another log's tag", after: place(5, 51), found: []Link{first, second},
			want: []uint64{5, 7}},
		{name: "another log's tag before it", after: a,
			found: []Link{first, entry(7, 71, place(5, 51))}, want: []uint64{7}},
		{name: "from the beginning", after: none, found: []Link{first, second},
			want: []uint64{5, 7}},
		{name: "made anew", after: a, found: []Link{entry(6, 60, none)}, want: []uint64{6}},
		{name: "a mark after it", after: a, found: []Link{first, mark(6, 60, a), second},
			want: []uint64{7}, whole: true},
		{name: "only a mark proves it", after: a, found: []Link{mark(6, 60, a), second},
			want: []uint64{7}, whole: true},
		{name: "the mark of an end that it missed", after: a,
			found: []Link{first, mark(8, 80, b)}},
		{name: "only the mark of an end that it missed", after: a, found: []Link{mark(8, 80, b)}},
		{name: "an empty room", after: empty, found: []Link{mark(4, 40, none)}, whole: true},
		{name: "the first after an empty room", after: empty,
			found: []Link{mark(4, 40, none), entry(5, 50, empty)}, want: []uint64{5},
			whole: true},
		{name: "and the mark is gone", after: empty, found: []Link{entry(5, 50, empty), second},
			want: []uint64{5, 7}, whole: true},
		{name: "and the first is gone", after: empty, found: []Link{second}, want: []uint64{7}},
		{name: "empty, and marked again", after: empty, found: []Link{mark(6, 60, empty)},
			whole: true},
		{name: "empty again", after: empty, found: []Link{mark(6, 60, none)}},
		{name: "a stranger's", after: a, found: []Link{first, stranger(6),
			entry(7, 70, place(6, 9))}, want: []uint64{6, 7}, whole: true},
		{name: "a stranger's is gone", after: a, found: []Link{first, entry(7, 70, place(6, 9))},
			want: []uint64{7}},
		{name: "only a stranger's", after: a, found: []Link{stranger(6)}, want: []uint64{6}},
		{name: "only a stranger's that claims to follow it", after: a,
			found: []Link{{Entry: stranger(6).Entry, Prev: a}}, want: []uint64{6}},
		{name: "after a stranger's", after: place(6, 9), found: []Link{stranger(6),
			entry(7, 70, place(6, 9))}, want: []uint64{7}, whole: true},
		{name: "the last", after: c, found: []Link{third}, whole: true},
		{name: "one later is gone", after: empty,
			found: []Link{entry(5, 50, empty), second, entry(9, 90, c)}, want: []uint64{5, 7, 9}},
		{name: "a number given again", after: a, found: []Link{entry(5, 51, none),
			entry(7, 71, place(5, 51))}, want: []uint64{5, 7}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			entries, end, whole := After(test.after, test.found)
			want := test.after
			if n := len(test.found); n > 0 {
				want = test.found[n-1].End()
			}
			var got []uint64
			for _, e := range entries {
				got = append(got, e.Seq)
			}
			if !slices.Equal(got, test.want) || end != want || whole != test.whole {
				t.Errorf("After(%v) = %v, end %v, whole %v, want %v, %v, %v",
					test.after, got, end, whole, test.want, want, test.whole)
			}
		})
	}
}

// Contract 11.3: a place that proves nothing is read from the beginning; otherwise, and
// after an error, a log is asked once.
func TestRead(t *testing.T) {
	errRead := errors.New("no answer")
	place := rooms.Place{Seq: 5, Tag: 50}
	tests := []struct {
		name  string
		after rooms.Place
		whole bool
		err   error
		want  []rooms.Place // after which it is read
	}{
		{name: "proved", after: place, whole: true, want: []rooms.Place{place}},
		{name: "not proved", after: place, want: []rooms.Place{place, {}}},
		{name: "the beginning", want: []rooms.Place{{}}},
		{name: "an error", after: place, err: errRead, want: []rooms.Place{place}},
	}
	for _, test := range tests {
		var read []rooms.Place
		page, err := Read(test.after, func(after rooms.Place) (rooms.Page, error) {
			read = append(read, after)
			return rooms.Page{Whole: test.whole}, test.err
		})
		if !slices.Equal(read, test.want) || page.Whole != test.whole || err != test.err {
			t.Errorf("%s: Read = %v, %v after reading %v, want whole %v, %v after %v", test.name,
				page, err, read, test.whole, test.err, test.want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, p := range []rooms.Place{{}, {Seq: 7, Tag: 70}, {Seq: math.MaxUint64, Tag: math.MaxUint64}} {
		for _, base := range []int{10, 36} {
			if got, ok := Parse(Format(p, base), base); got != p || !ok {
				t.Errorf("Parse(Format(%v)) = %v, %v, want the same", p, got, ok)
			}
		}
	}
	for _, text := range []string{"", "-", "5", "5-", "-5", "5-x", "x-5", "5-5-5"} {
		if got, ok := Parse(text, 10); ok {
			t.Errorf("Parse(%q) = %v, want no place", text, got)
		}
	}
}
