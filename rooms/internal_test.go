package rooms

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// FuzzUnseal: nothing that comes from a network makes it panic, and what it accepts is
// what seal makes.
func FuzzUnseal(f *testing.F) {
	for _, data := range [][]byte{
		nil, {messageFormat}, {entryFormat}, []byte("{}"), make([]byte, 30),
		envelope{messageFormat, newOrigin(), 0, 1}.seal(nil),
		envelope{messageFormat, newOrigin(), 1 << 40, 1<<40 + 300}.seal([]byte("body")),
		envelope{countFormat, newOrigin(), 3, 7}.seal(nil),
		envelope{messageFormat, newOrigin(), 3, 3}.seal(nil),
		envelope{messageFormat, newOrigin(), math.MaxUint64, 3}.seal(nil),
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, body, err := unseal(data)
		if err != nil {
			return
		}
		again, sameBody, err := unseal(e.seal(body))
		if again != e || !bytes.Equal(sameBody, body) || err != nil {
			t.Errorf("unseal(seal(unseal(%q))) = %v, %q, %v, want %v", data, again, sameBody, err, e)
		}
		if e.number <= e.start || e.number+1 == 0 {
			t.Errorf("unseal(%q) = %v, want a number after the start", data, e)
		}
	})
}

// Contract 10.8: processes that have gone are forgotten, and first those that went first.
// Of one that goes on, every second message is missing, and that is told each time.
func TestPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p peers
		constant := newOrigin()
		for n := range uint64(10_000) {
			got, _ := p.hear(envelope{messageFormat, constant, 0, 2*n + 1})
			if want := min(n, 1); got != want {
				t.Fatalf("%d are missing before %d, want %d", got, 2*n+1, want)
			}
			time.Sleep(time.Millisecond)
			p.hear(envelope{messageFormat, newOrigin(), 0, 1})
		}
		if len(p.last) > maxPeers {
			t.Errorf("%d processes are known, want at most %d", len(p.last), maxPeers)
		}
		if got, _ := p.hear(envelope{messageFormat, constant, 0, 20_002}); got != 2 {
			t.Errorf("%d are missing, want 2", got)
		}
		time.Sleep(2 * peerRest)
		p.hear(envelope{messageFormat, newOrigin(), 0, 1})
		if len(p.last) != 1 {
			t.Errorf("%d processes are known, want the one of the last hour", len(p.last))
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
	{name: "the end is gone", after: 1, until: 3, gap: true, pages: []Page{{Whole: true}}},
	{name: "only the end is gone", after: 1, until: 3, want: []uint64{2}, gap: true,
		pages: []Page{{Whole: true, Entries: said(1, 2)}}},
	{name: "the beginning and the end are gone", after: 1, until: 5, want: []uint64{3, 4},
		gap: true, pages: []Page{{Entries: said(1, 3, 4)}}},
	{name: "more of nothing", after: 1, until: 3, gap: true,
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
// also at the end, and an error when the log was made anew meanwhile. It is read no
// further than needed.
func TestCatchUp(t *testing.T) {
	for _, test := range catchUps {
		r := NewOnLog(&pages{left: test.pages}, &Options[string]{
			Backlog: cmp.Or(test.max, 100), BacklogBytes: cmp.Or(test.bytes, 100)})
		c := &catchUp[string]{onLog: r.log, complete: true,
			member: &Member[string]{room: &room[string]{rooms: r.Rooms}}}
		tag := cmp.Or(test.tag, 1)
		err := c.read(t.Context(), Place{test.after, tag}, Place{test.until, 1})
		if err != test.err {
			t.Errorf("%s: read = %v, want %v", test.name, err, test.err)
		}
		if err != nil {
			continue
		}
		var got []uint64
		for _, e := range c.entries.all() {
			got = append(got, e.message.Seq)
		}
		if !slices.Equal(got, test.want) || c.complete == test.gap {
			t.Errorf("%s: collected %v, complete %v, want %v, %v",
				test.name, got, c.complete, test.want, !test.gap)
		}
	}
}

// Contract 11.3: positions come from clients, malformed ones too.
var positions = []struct {
	name, text string
	want       Place
	ok         bool
}{
	{name: "empty", text: ""},
	{name: "small", text: "1-z", want: Place{1, 35}, ok: true},
	{name: "an empty log", text: "0-z", want: Place{0, 35}, ok: true},
	{name: "largest", text: "3w5e11264sgsf-3w5e11264sgsf",
		want: Place{math.MaxUint64, math.MaxUint64}, ok: true},
	{name: "too large", text: "3w5e11264sgsg-1"},
	{name: "zero", text: "0-0"},
	{name: "no tag", text: "1"},
	{name: "empty tag", text: "1-"},
	{name: "three parts", text: "1-2-3"},
	{name: "upper case", text: "1-Z"},
	{name: "leading zero", text: "01-1"},
	{name: "sign", text: "+1-1"},
	{name: "negative", text: "-1-1"},
	{name: "underscore", text: "1_0-1"},
	{name: "blank", text: " 1-1"},
	{name: "line", text: "1-1\n"},
	{name: "not ASCII", text: "١-١"},
}

func TestParsePlace(t *testing.T) {
	for _, test := range positions {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := parsePlace(test.text); got != test.want || ok != test.ok {
				t.Errorf("parsePlace(%q) = %v, %v, want %v, %v", test.text, got, ok, test.want, test.ok)
			}
		})
	}
}

// FuzzPosition: text that is taken is the text of what it was taken for, and short.
func FuzzPosition(f *testing.F) {
	for _, test := range positions {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := parsePlace(text)
		if ok && (p.String() != text || len(text) > 27) {
			t.Errorf("parsePlace(%q) = %v, which is %q", text, p, p.String())
		}
	})
}

// BroadcastSlowly is a broadcast to the members of this process that takes until end is
// called: nothing that a test could make slow runs in one.
func (r *Rooms[M]) BroadcastSlowly(name string, msg M) (end func()) {
	room := r.find(name)
	room.beginTurn()
	room.sendAll(sized[M]{message: msg}, nil)
	return room.endTurn
}

// FeedLater returns how many bytes the feed of a room holds for later.
func FeedLater[M any](r *Rooms[M], name string) int {
	room := r.find(name)
	if room == nil {
		return 0
	}
	room.beginTurn()
	defer room.endTurn()
	room.feed.mu.Lock()
	defer room.feed.mu.Unlock()
	return room.feed.later.bytes
}

// Tallies returns how many rooms have a tally of what was published.
func Tallies[M any](r *Rooms[M]) int {
	s := &r.carrier.(*onBroker[M]).tallies
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rooms.Len()
}
