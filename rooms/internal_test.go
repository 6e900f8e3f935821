package rooms

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"
)

// FuzzUnseal: nothing that comes from a network makes it panic, and what it accepts is
// what seal makes.
func FuzzUnseal(f *testing.F) {
	for _, data := range [][]byte{
		nil, {format}, {2}, []byte("{}"),
		seal(newOrigin(), nil), seal(newOrigin(), []byte("body")),
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		from, body, err := unseal(data)
		if err != nil {
			return
		}
		if got := seal(from, body); !bytes.Equal(got, data) {
			t.Errorf("seal(unseal(%q)) = %q, want the same", data, got)
		}
	})
}

func TestOriginsDiffer(t *testing.T) {
	if a, b := newOrigin(), newOrigin(); a == b || a == (origin{}) {
		t.Errorf("two Rooms have the origins %x and %x, want different ones", a, b)
	}
}

// pages is a log that gives them one after the other.
type pages struct {
	Log
	left []Page
}

var errNoPage = errors.New("read too often")

func (p *pages) Read(context.Context, string, Place) (Page, error) {
	if len(p.left) == 0 {
		return Page{}, errNoPage
	}
	page := p.left[0]
	p.left = p.left[1:]
	return page, nil
}

// said is entries of a byte each, in the log with that tag.
func said(tag uint64, seqs ...uint64) (all []Entry) {
	for _, seq := range seqs {
		all = append(all, Entry{Place{seq, tag}, []byte("x")})
	}
	return all
}

var catchUps = []struct {
	name         string
	after, until uint64
	tag          uint64 // of after; 0 is that of until, 1
	pages        []Page
	max, bytes   int // 0 for many
	want         []uint64
	gap          bool
	err          error
}{
	{name: "there already", after: 3, until: 3},
	{name: "one page", after: 1, until: 3, want: []uint64{2, 3},
		pages: []Page{{Whole: true, Entries: said(1, 2, 3)}}},
	{name: "two pages", after: 1, until: 3, want: []uint64{2, 3},
		pages: []Page{{Whole: true, More: true, Entries: said(1, 2)},
			{Whole: true, Entries: said(1, 3)}}},
	{name: "not what comes later", after: 1, until: 2, want: []uint64{2},
		pages: []Page{{Whole: true, More: true, Entries: said(1, 2, 3)}}},
	{name: "a gap", after: 1, until: 6, want: []uint64{5, 6}, gap: true,
		pages: []Page{{Entries: said(1, 5, 6)}}},
	{name: "a gap later", after: 1, until: 6, want: []uint64{5, 6}, gap: true,
		pages: []Page{{Whole: true, More: true, Entries: said(1, 2)},
			{Entries: said(1, 5, 6)}}},
	{name: "all is gone", after: 1, until: 6, gap: true, pages: []Page{{}}},
	{name: "the client is ahead", after: 5, until: 3, pages: []Page{{Whole: true}}},
	{name: "far ahead", after: 5, until: 3,
		pages: []Page{{Whole: true, More: true, Entries: said(1, 6)}}},
	{name: "made anew", after: 1, until: 3, err: errOtherLog,
		pages: []Page{{Entries: said(2, 1, 2, 3)}}},
	{name: "made anew, the client is ahead", after: 9, tag: 3, until: 3, err: errOtherLog,
		pages: []Page{{Entries: said(2, 1, 2, 3)}}},
	{name: "the end is gone", after: 1, until: 3, err: errOtherLog,
		pages: []Page{{Whole: true}}},
	{name: "more of nothing", after: 1, until: 3, err: errOtherLog,
		pages: []Page{{Whole: true, More: true}}},
	{name: "an error later", after: 1, until: 3, err: errNoPage,
		pages: []Page{{Whole: true, More: true, Entries: said(1, 2)}}},
	{name: "what says nothing does not count", after: 1, until: 3, max: 1, want: []uint64{3},
		pages: []Page{{Whole: true, Entries: append([]Entry{{Place: Place{2, 1}}}, said(1, 3)...)}}},
	{name: "as many as fit", after: 1, until: 3, max: 2, bytes: 2, want: []uint64{2, 3},
		pages: []Page{{Whole: true, Entries: said(1, 2, 3)}}},
	{name: "too many", after: 1, until: 3, max: 1, want: []uint64{3}, gap: true,
		pages: []Page{{Whole: true, Entries: said(1, 2, 3)}}},
	{name: "too many bytes", after: 1, until: 3, bytes: 1, want: []uint64{3}, gap: true,
		pages: []Page{{Whole: true, Entries: said(1, 2, 3)}}},
}

// Contract 11.3: what comes after one place, up to another; complete only without a gap,
// and an error when the log was made anew meanwhile. It is read no further than needed.
func TestCatchUp(t *testing.T) {
	for _, test := range catchUps {
		c := catchUp{max: cmp.Or(test.max, 100), maxBytes: cmp.Or(test.bytes, 100), complete: true}
		log, tag := &pages{left: test.pages}, cmp.Or(test.tag, 1)
		err := c.read(t.Context(), log, "room", Place{test.after, tag}, Place{test.until, 1})
		if err != test.err {
			t.Errorf("%s: read = %v, want %v", test.name, err, test.err)
		}
		if err != nil {
			continue
		}
		var got []uint64
		for _, e := range c.entries {
			got = append(got, e.Seq)
		}
		if !slices.Equal(got, test.want) || c.complete == test.gap {
			t.Errorf("%s: collected %v, complete %v, want %v, %v",
				test.name, got, c.complete, test.want, !test.gap)
		}
	}
}
