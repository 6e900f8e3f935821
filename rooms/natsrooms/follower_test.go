package natsrooms

import (
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Contract 11.5: a gap is seen by the sequence of the entry before, exactly.
func TestNews(t *testing.T) {
	end := rooms.Place{Seq: 5, Tag: 50}
	next := rooms.Entry{Place: rooms.Place{Seq: 9, Tag: 90}}
	tests := []struct {
		name string
		last uint64
		want rooms.News
	}{
		{name: "the next", last: 5, want: rooms.News{Entry: next, Prev: end}},
		{name: "over a gap", last: 7, want: rooms.News{}},
		{name: "an old one", last: 4, want: rooms.News{}},
		{name: "none before it is kept", last: 0, want: rooms.News{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &follower{}
			f.start(end)
			got, ok := f.news(next, test.last)
			if !ok || got.Place != test.want.Place || got.Prev != test.want.Prev {
				t.Errorf("news(after %d) = %+v, %v, want %+v", test.last, got, ok, test.want)
			}
		})
	}
}

// What comes before the end of the log is known has to be looked for.
func TestEarlyNews(t *testing.T) {
	f := &follower{}
	if news, ok := f.news(rooms.Entry{Place: rooms.Place{Seq: 1, Tag: 1}}, 0); ok {
		t.Errorf("news = %+v, want none before the follower is ready", news)
	}
	if !f.start(rooms.Place{}) {
		t.Error("start = not early, want early")
	}
}

// Reading up to the end makes whole what was broken, unless it broke again meanwhile.
func TestHasRead(t *testing.T) {
	at := rooms.Entry{Place: rooms.Place{Seq: 7, Tag: 70}}
	for _, again := range []bool{false, true} {
		f := &follower{}
		f.start(rooms.Place{Seq: 5, Tag: 50})
		f.breakAt(time.Unix(1, 0))
		f.breakAt(time.Unix(2, 0))
		state := f.state()
		if state.whole != time.Unix(1, 0) {
			t.Errorf("whole until %v, want the first break", state.whole)
		}
		if again {
			f.breakAt(time.Unix(3, 0))
		}
		f.hasRead(state, []rooms.Entry{at})
		if got := f.broken.IsZero(); got == again {
			t.Errorf("broken again %v: whole %v, want the opposite", again, got)
		}
	}
}
