//go:build linux

package log_test

import (
	"cmp"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

// newLog makes a log with a client of its own, and closes it after the test.
func newLog(
	t testing.TB, address string, o redisrooms.LogOptions, change ...func(*redis.Options),
) *redisrooms.Log {
	t.Helper()
	o.Wait = cmp.Or(o.Wait, redistest.Patience/2) // the machine may be busy
	l := redisrooms.NewLog(redistest.Connect(t, address, change...), &o)
	t.Cleanup(l.Close)
	return l
}

func appendTo(t testing.TB, l rooms.Log, room, id, data string) rooms.Place {
	t.Helper()
	place, err := l.Append(t.Context(), room, id, []byte(data))
	if err != nil {
		t.Fatalf("Append(%q, %q) = %v, want no error", room, id, err)
	}
	return place
}

// said returns what a room has.
func said(t testing.TB, l rooms.Log, room string) (all []string) {
	t.Helper()
	page, err := l.Read(t.Context(), room, rooms.Place{})
	if err != nil {
		t.Fatalf("Read(%q) = %v, want no error", room, err)
	}
	for _, e := range page.Entries {
		all = append(all, string(e.Data))
	}
	return all
}

// follow follows a room, and returns a channel with what is told.
func follow(t testing.TB, l rooms.Log, room string) (at rooms.Place, news chan rooms.News) {
	t.Helper()
	news = make(chan rooms.News, 10_000)
	at, err := l.Follow(t.Context(), room, func(n rooms.News) { news <- n })
	if err != nil {
		t.Fatalf("Follow(%q) = %v, want no error", room, err)
	}
	return at, news
}

// token is how a room's name is written in its keys and its channel.
func token(room string) string { return "{" + subjects.Token(room) + "}" }

func streamOf(room string) string { return "rooms:s:" + token(room) }

func channelOf(room string) string { return "rooms:p:" + token(room) }
