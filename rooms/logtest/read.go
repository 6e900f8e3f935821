package logtest

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

func testRead(t *testing.T, s Store) {
	l, n := s.Connect(t), 600 // more than a page, presumably
	if s.Count > 0 {
		n = s.Count
	}
	fill(t, l, "other", 3)
	all := fill(t, l, "room", n)
	wantRead(t, l, "room", rooms.Place{}, false, all)
	for i := 0; i < n; i += 1 + n/40 {
		wantRead(t, l, "room", all[i].Place, true, all[i+1:])
	}
	wantRead(t, l, "room", all[n-1].Place, true, nil)
	for i := 1; i < n; i++ {
		if all[i].Seq <= all[i-1].Seq {
			t.Errorf("entry %d is at %v, after %v", i, all[i].Place, all[i-1].Place)
		}
	}
}

// testUnknown: Whole is true only if the reader then has all entries.
func testUnknown(t *testing.T, s Store) {
	l := s.Connect(t)
	other := fill(t, l, "other", 9)
	all := fill(t, l, "room", 5)
	last := all[4].Place
	empty := follow(t, l, "empty").at
	tests := []struct {
		name  string
		after rooms.Place
	}{
		{name: "none", after: rooms.Place{}},
		{name: "no tag", after: rooms.Place{Seq: all[2].Seq}},
		{name: "another tag", after: rooms.Place{Seq: all[2].Seq, Tag: all[2].Tag + 1}},
		{name: "another tag at the end", after: rooms.Place{Seq: last.Seq, Tag: last.Tag ^ 1}},
		{name: "after the end", after: rooms.Place{Seq: last.Seq + 1, Tag: last.Tag}},
		{name: "far after the end", after: rooms.Place{Seq: 1<<64 - 1, Tag: last.Tag}},
		{name: "another room", after: other[2].Place},
		{name: "another room's end", after: other[8].Place},
		{name: "an empty room", after: empty},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, whole := read(t, l, "room", test.after)
			if whole {
				t.Errorf("Read(%v) = %s, whole, want not whole", test.after, texts(got))
			}
			if !same(got, all) {
				t.Errorf("Read(%v) = %s, want all that there is, %s", test.after, texts(got), texts(all))
			}
		})
	}
	wantRead(t, l, "never heard of", last, false, nil)
}

// testCount: the oldest entries are dropped first. A reader after an entry that is gone
// is told that something is missing.
func testCount(t *testing.T, s Store) {
	l := s.Connect(t)
	const more = 20
	all := fill(t, l, "room", s.Count+more)
	kept := all[more:]
	wantRead(t, l, "room", rooms.Place{}, false, kept)
	for i := range more - 1 {
		wantRead(t, l, "room", all[i].Place, false, kept)
	}
	// Nothing is missing after the last one that is gone, but a log need not know.
	if got, _ := read(t, l, "room", all[more-1].Place); !same(got, kept) {
		t.Errorf("Read after the last one gone = %s, want %s", texts(got), texts(kept))
	}
	wantRead(t, l, "room", kept[0].Place, true, kept[1:])
	fill(t, l, "other", 1)
	wantRead(t, l, "room", kept[0].Place, true, kept[1:])
}
