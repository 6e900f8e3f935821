//go:build linux

package log_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// Contract 11.9: a page is limited in bytes, whatever was said; but it has an entry.
func TestLargePages(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{})
	first := appendTo(t, l, "room", "first", "first")
	for i := range 9 {
		appendTo(t, l, "room", fmt.Sprint(i), strings.Repeat(fmt.Sprint(i), 300_000+i*100_000))
	}
	n := 0
	for at, more := first, true; more; {
		page, err := l.Read(t.Context(), "room", at)
		bytes := 0
		for _, e := range page.Entries {
			bytes += len(e.Data)
		}
		if err != nil || !page.Whole || bytes == 0 || bytes > 2_200_000 {
			t.Fatalf("Read = %d bytes, whole %v, %v, want some, about 1 MiB at most and an entry",
				bytes, page.Whole, err)
		}
		n, more = n+len(page.Entries), page.More
		at = page.Entries[len(page.Entries)-1].Place
	}
	if n != 9 {
		t.Errorf("read %d entries, want 9", n)
	}
}

// Contract 11.9: and in entries.
func TestLongPages(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{Count: 1000})
	for i := range 600 {
		appendTo(t, l, "room", fmt.Sprint(i), "x")
	}
	page, err := l.Read(t.Context(), "room", rooms.Place{})
	if err != nil || len(page.Entries) != 512 || !page.More {
		t.Errorf("Read = %d entries, more %v, %v, want 512, and more", len(page.Entries),
			page.More, err)
	}
}

// Contract 11.9: what does not fit into the queue of a slow room is told, and can be read.
func TestFull(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{Pending: 10, Count: 1000})
	var once sync.Once
	gate, full := make(chan struct{}), make(chan struct{})
	at, err := l.Follow(t.Context(), "room", func(n rooms.News) {
		<-gate
		if errors.Is(n.Err, redisrooms.ErrFull) {
			once.Do(func() { close(full) })
		}
	})
	if err != nil {
		t.Fatalf("Follow = %v, want no error", err)
	}
	for i := range 200 {
		appendTo(t, l, "room", fmt.Sprint(i), "x")
	}
	close(gate)
	redistest.Eventually(t, "the room is told what was dropped", func() bool {
		select {
		case <-full:
			return true
		default:
			return false
		}
	})
	if page, err := l.Read(t.Context(), "room", at); err != nil || len(page.Entries) != 200 {
		t.Errorf("Read = %d entries, %v, want 200", len(page.Entries), err)
	}
}

// Contract 9.6, 11.9: a followed room takes no goroutine and one subscription, and nothing
// is left after Close. The client is the program's.
func TestClose(t *testing.T) {
	s := redistest.NewServer(t)
	admin, c := s.Connect(t), s.Connect(t)
	left := func() int { return goroutines.Of("/redisrooms", "/internal/pool") }
	l := redisrooms.NewLog(c, nil)
	follow(t, l, "warm")
	before := left()
	for i := range 100 {
		room := fmt.Sprint(i)
		follow(t, l, room)
		appendTo(t, l, room, "id", "x")
	}
	if got := left(); got > before {
		t.Errorf("100 rooms take %d goroutines, want none", got-before)
	}
	if got := redistest.Subscriptions(t, admin, "rooms:p:*"); got != 101 {
		t.Errorf("101 rooms take %d subscriptions, want one each", got)
	}
	for i := range 50 {
		l.Unfollow(fmt.Sprint(i))
	}
	redistest.Eventually(t, "half of the subscriptions are left", func() bool {
		return redistest.Subscriptions(t, admin, "rooms:p:*") == 51
	})
	l.Close()
	l.Close()
	redistest.Eventually(t, "no goroutine is left", func() bool { return left() == 0 })
	redistest.Eventually(t, "no subscription is left", func() bool {
		return redistest.Subscriptions(t, admin, "rooms:*") == 0
	})
	_, appended := l.Append(t.Context(), "room", "id", nil)
	_, read := l.Read(t.Context(), "room", rooms.Place{})
	_, followed := l.Follow(t.Context(), "room", func(rooms.News) {})
	for _, err := range []error{appended, read, followed} {
		if !errors.Is(err, redisrooms.ErrClosed) {
			t.Errorf("after Close = %v, want %v", err, redisrooms.ErrClosed)
		}
	}
	if err := l.Unfollow("room"); err != nil {
		t.Errorf("Unfollow after Close = %v, want no error", err)
	}
	if err := c.Ping(context.Background()).Err(); err != nil {
		t.Errorf("Ping after Close = %v, want no error", err)
	}
}

// Contract 11.9: all names of a room are in one slot of a cluster, whatever its name is.
func TestSlots(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{Prefix: "a:b"})
	for i, room := range []string{"", "}", "{}", "a{b}c", "{a}{b}"} {
		appendTo(t, l, room, "}{", "x")
		_, news := follow(t, l, room)
		appendTo(t, l, room, "}", "y")
		wantTold(t, news, "y")
		keys := s.Do(t, "KEYS", "a:b:*").([]any)
		tags := make(map[string]bool) // that decide about the slot
		for _, key := range keys {
			_, tag, _ := strings.Cut(key.(string), "{")
			tag, _, _ = strings.Cut(tag, "}")
			tags[tag] = true
		}
		if len(tags) != i+1 || len(keys) != 3*(i+1) || tags[""] {
			t.Errorf("%d rooms have the keys %q with the tags %v, want three each with one", i+1,
				keys, tags)
		}
	}
}
