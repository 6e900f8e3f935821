//go:build linux

package log_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// chat is one process's worth of rooms. Messages learn their positions.
type chat struct {
	*rooms.LogRooms[*history.Text]
	errors, removals chan error
}

func newChat(l rooms.Log) *chat {
	c := &chat{errors: make(chan error, 10_000), removals: make(chan error, 100)}
	c.LogRooms = rooms.NewOnLog(l, &rooms.Options[*history.Text]{
		Stamp:    func(m *history.Text, at string) *history.Text { m.At = at; return m },
		OnError:  func(_ string, err error) { c.errors <- err },
		OnRemove: func(_ string, _ any, reason error) { c.removals <- reason },
	})
	return c
}

func (c *chat) join(t *testing.T, position string) (
	in chan *history.Text, missed rooms.Missed[*history.Text],
) {
	t.Helper()
	in = make(chan *history.Text, 1000)
	m, missed, err := c.JoinAfter("room", position, in, make(chan int, 1), nil)
	if err != nil {
		t.Fatalf("JoinAfter(%q) = %v, want no error", position, err)
	}
	t.Cleanup(m.Leave)
	m.Start()
	return in, missed
}

// must says something until it is acknowledged, with one id.
func (c *chat) must(t *testing.T, id string) (at string) {
	t.Helper()
	redistest.Eventually(t, "the log takes "+id, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		var err error
		at, err = c.Say(ctx, "room", id, &history.Text{ID: id})
		return err == nil
	})
	return at
}

// Contract 11.9: whoever was in a room whose stream is gone is removed and told so, also
// if nobody says anything; nobody goes on as if nothing had happened.
func TestRoomsLost(t *testing.T) {
	for name, lose := range map[string]func(t *testing.T, s *redistest.Server){
		"all with the server": func(t *testing.T, s *redistest.Server) { s.Lose(t) },
		"all":                 func(t *testing.T, s *redistest.Server) { s.Do(t, "FLUSHALL") },
		"one":                 func(t *testing.T, s *redistest.Server) { s.Do(t, "DEL", streamOf("room")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := redistest.NewServer(t)
			c := newChat(newLog(t, s.Address(), redisrooms.LogOptions{}))
			c.join(t, "")
			position := c.must(t, "old")
			lose(t, s)
			select {
			case reason := <-c.removals:
				if reason != rooms.ErrGap {
					t.Errorf("removed with %v, want %v", reason, rooms.ErrGap)
				}
			case <-time.After(redistest.Patience):
				t.Fatal("the member is not removed")
			}
			c.must(t, "new")
			in, missed := c.join(t, position)
			all := missed.Messages
			if missed.Complete || len(all) != 1 || all[0].Value.ID != "new" {
				t.Errorf("missed %+v, want new, not complete", missed)
			}
			c.must(t, "newer")
			select {
			case m := <-in:
				if m.ID != "newer" {
					t.Errorf("got %q, want newer", m.ID)
				}
			case <-time.After(redistest.Patience):
				t.Error("got nothing, want newer")
			}
		})
	}
}

// Contract 11.9: a room that keeps little, or keeps it for a short time, loses no member
// while nothing is missing, not even after an outage.
func TestSmallRooms(t *testing.T) {
	tests := []struct {
		name    string
		options redisrooms.LogOptions
		quiet   time.Duration
	}{
		{name: "one message", options: redisrooms.LogOptions{Count: 1}},
		{name: "two seconds", quiet: 3 * time.Second,
			options: redisrooms.LogOptions{Age: 2 * time.Second, Wait: 2 * time.Second}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.NewServer(t)
			way := proxy.New(t, s)
			l := redisrooms.NewLog(redistest.Connect(t, way.Address()), &test.options)
			t.Cleanup(l.Close)
			far := newChat(l)
			near := newChat(newLog(t, s.Address(), redisrooms.LogOptions{Age: test.options.Age,
				Count: test.options.Count, Wait: test.options.Wait}))
			in, _ := far.join(t, "")
			for i := range 3 {
				<-time.After(test.quiet) // the server's clock is real
				if i < 2 {
					way.Cut()
				}
				id := fmt.Sprint("message ", i)
				near.must(t, id)
				select {
				case m := <-in:
					if m.ID != id {
						t.Fatalf("got %q, want %q", m.ID, id)
					}
				case reason := <-far.removals:
					t.Fatalf("the member was removed: %v", reason)
				case <-time.After(redistest.Patience):
					t.Fatalf("got nothing, want %q", id)
				}
			}
			for len(far.errors) > 0 {
				if err := <-far.errors; errors.Is(err, rooms.ErrGap) {
					t.Errorf("OnError was told %v", err)
				}
			}
		})
	}
}

// Contract 11.9: a room that nobody follows is gone after its Age, with its keys.
func TestAge(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := redisrooms.NewLog(s.Connect(t), &redisrooms.LogOptions{
		Age: 3 * time.Second, Wait: 3 * time.Second})
	t.Cleanup(l.Close)
	appendTo(t, l, "room", "id", "said")
	follow(t, l, "empty")
	l.Unfollow("empty")
	redistest.Eventually(t, "no key is left", func() bool {
		return s.Do(t, "DBSIZE") == int64(0)
	})
}
