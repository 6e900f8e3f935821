//go:build linux

package log_test

import (
	"fmt"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// edits are what an administrator may do to a stream, which has the entries 0 to 9. Their
// ids are in IDS.
var edits = []struct {
	name     string
	commands func(id func(i int) string) []string
	gone     int // entries up to this one may be gone; a position before it is not complete
}{
	{name: "nothing", gone: -1, commands: func(func(int) string) []string { return nil }},
	{name: "a lower count", gone: 6, commands: func(func(int) string) []string {
		return []string{"XTRIM " + streamOf("room") + " MAXLEN = 3"}
	}},
	{name: "emptied", gone: 9, commands: func(func(int) string) []string {
		return []string{"XTRIM " + streamOf("room") + " MAXLEN = 0"}
	}},
	{name: "one deleted", gone: 4, commands: func(id func(int) string) []string {
		return []string{"XDEL " + streamOf("room") + " " + id(4)}
	}},
	{name: "the last deleted", gone: 9, commands: func(id func(int) string) []string {
		return []string{"XDEL " + streamOf("room") + " " + id(9)}
	}},
	{name: "the stream deleted", gone: 10, commands: func(func(int) string) []string {
		return []string{"DEL " + streamOf("room")}
	}},
}

// Contract 11.3: "complete" is never wrong, whoever edits the stream; and it is not
// missing where it can be proved.
func TestEditedStream(t *testing.T) {
	for _, edit := range edits {
		t.Run(edit.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.NewServer(t)
			l := newLog(t, s.Address(), redisrooms.LogOptions{})
			var places []rooms.Place
			for i := range 10 {
				places = append(places, appendTo(t, l, "room", fmt.Sprint(i), fmt.Sprint(i)))
			}
			do(t, s, edit.commands(func(i int) string {
				return fmt.Sprint(places[i].Seq, "-", places[i].Tag)
			}))
			for _, last := range []bool{false, true} {
				if last {
					places = append(places, appendTo(t, l, "room", "last", "last"))
				}
				for i, after := range places {
					page, err := l.Read(t.Context(), "room", after)
					want := i >= edit.gone
					if err != nil || page.Whole != want ||
						want && len(page.Entries) != len(places)-1-i {
						t.Errorf("Read after %d of %d = %d entries, whole %v, %v, want whole %v", i,
							len(places), len(page.Entries), page.Whole, err, want)
					}
				}
			}
		})
	}
}

// Contract 11.6: whoever may write to the stream or publish to the channel cannot harm
// those who read, and what is said goes on.
func TestStrangers(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{})
	at, news := follow(t, l, "room")
	appendTo(t, l, "room", "first", "first")
	for _, payload := range []string{"", "x", "1-1", "1-1 2-2", "0-0 0-0 x", "a-b c-d e",
		"1-1 18446744073709551616-1 x", "1-1 -1-1 x"} {
		s.Do(t, "PUBLISH", channelOf("room"), payload)
	}
	for _, fields := range [][]any{{"a", "b"}, {"data", ""}, {"prev", "x", "data", "y"},
		{"prev", "1-1"}, {"data", "z", "more", "w"}} {
		s.Do(t, append([]any{"XADD", streamOf("room"), "*"}, fields...)...)
	}
	last := appendTo(t, l, "room", "last", "last")
	wantTold(t, news, "first", "last")
	page, err := l.Read(t.Context(), "room", at)
	if n := len(page.Entries); err != nil || n != 7 || page.Entries[n-1].Place != last {
		t.Fatalf("Read = %v, %v, want all seven, last at %v", page, err, last)
	}
	for i, e := range page.Entries {
		rest, err := l.Read(t.Context(), "room", e.Place)
		n := len(rest.Entries)
		if err != nil || n < 6-i || n > 0 && rest.Entries[n-1].Place != last {
			t.Errorf("Read(%v) = %v, %v, want the rest", e.Place, rest, err)
		}
	}
}
