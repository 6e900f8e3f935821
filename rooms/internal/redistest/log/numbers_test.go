//go:build linux

package log_test

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// Contract 11.9: numbers are exact, also those that Lua would write as 1e+14.
func TestBigNumbers(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{})
	at, _ := follow(t, l, "room")
	s.Do(t, "XSETID", streamOf("room"), "99999999999998-7")
	for i, want := range []uint64{99999999999999, 100000000000000, 100000000000001} {
		if got := appendTo(t, l, "room", string(rune('a'+i)), "x"); got.Seq != want {
			t.Errorf("Append = %v, want the number %d", got, want)
		}
	}
	page, err := l.Read(t.Context(), "room", at)
	if err != nil || page.Whole || len(page.Entries) != 3 {
		t.Errorf("Read = %v, %v, want three, not whole", page, err)
	}
}
