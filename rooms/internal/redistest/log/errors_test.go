//go:build linux

package log_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// trouble is a state of a server in which it takes no entries. The log has one room, with
// one entry.
type trouble struct {
	name       string
	begin, end []string // commands, each in one text
	want       string   // of the error's text
}

var troubles = []trouble{
	{name: "no memory", begin: []string{"CONFIG SET maxmemory 1"},
		end: []string{"CONFIG SET maxmemory 0"}, want: "OOM"},
	{name: "a replica", begin: []string{"REPLICAOF 127.0.0.1 1"},
		end: []string{"REPLICAOF NO ONE"}, want: "READONLY"},
	{name: "no replicas", begin: []string{"CONFIG SET min-replicas-to-write 1"},
		end: []string{"CONFIG SET min-replicas-to-write 0"}, want: "NOREPLICAS"},
	{name: "not a stream", begin: []string{"RENAME " + streamOf("room") + " x",
		"SET " + streamOf("room") + " x"},
		end: []string{"RENAME x " + streamOf("room")}, want: "WRONGTYPE"},
	{name: "an id out of bounds", begin: []string{
		"XSETID " + streamOf("room") + " 9007199254740991-1"},
		want: "9007199254740991-1"},
}

// Contract 11.2, 11.9: a clear error, which is certain, and nothing in the log; and all
// goes on afterwards.
func TestAppendErrors(t *testing.T) {
	for _, test := range troubles {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := redistest.NewServer(t)
			l := newLog(t, s.Address(), redisrooms.LogOptions{Wait: 2 * time.Second})
			_, news := follow(t, l, "room")
			appendTo(t, l, "room", "first", "first")
			do(t, s, test.begin)
			_, err := l.Append(t.Context(), "room", "id", []byte("refused"))
			if err == nil || !strings.Contains(err.Error(), test.want) ||
				errors.Is(err, rooms.ErrUncertain) {
				t.Errorf("Append = %v, want an error with %q, and certainty", err, test.want)
			}
			if test.end == nil {
				return
			}
			do(t, s, test.end)
			redistest.Eventually(t, "the log takes entries again", func() bool {
				_, err := l.Append(t.Context(), "room", "last", []byte("last"))
				return err == nil
			})
			if got, want := said(t, l, "room"), []string{"first", "last"}; !slices.Equal(got, want) {
				t.Errorf("the log has %q, want %q", got, want)
			}
			wantTold(t, news, "first", "last")
		})
	}
}

func do(t *testing.T, s *redistest.Server, commands []string) {
	t.Helper()
	for _, command := range commands {
		var args []any
		for _, arg := range strings.Fields(command) {
			args = append(args, arg)
		}
		s.Do(t, args...)
	}
}

// wantTold compares the entries that a follower is told. It is not told to look.
func wantTold(t *testing.T, news chan rooms.News, want ...string) {
	t.Helper()
	var got []string
	redistest.Eventually(t, fmt.Sprint("the follower is told ", want), func() bool {
		for len(news) > 0 {
			if n := <-news; n.Seq != 0 {
				got = append(got, string(n.Data))
			}
		}
		return slices.Contains(got, want[len(want)-1])
	})
	if !slices.Equal(got, want) {
		t.Errorf("the follower is told %q, want %q", got, want)
	}
}

// Contract 11.9: while Redis is down each call returns an error at once, and nothing is
// kept for later.
func TestDown(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{})
	appendTo(t, l, "room", "first", "first")
	s.Kill()
	redistest.Eventually(t, "the error is certain", func() bool {
		_, err := l.Append(t.Context(), "room", "id", []byte("away"))
		if err == nil {
			t.Fatal("Append while Redis is down = no error, want one")
		}
		return !errors.Is(err, rooms.ErrUncertain)
	})
	if _, err := l.Read(t.Context(), "room", rooms.Place{}); err == nil {
		t.Error("Read while Redis is down = no error, want one")
	}
	if _, err := l.Follow(t.Context(), "room", func(rooms.News) {}); err == nil {
		t.Error("Follow while Redis is down = no error, want one")
	}
	s.Start(t)
	redistest.Eventually(t, "the log takes entries again", func() bool {
		_, err := l.Append(t.Context(), "room", "last", []byte("last"))
		return err == nil
	})
	follow(t, l, "room")
	if got, want := said(t, l, "room"), []string{"first", "last"}; !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q", got, want)
	}
}

// Contract 11.9: a server that reads its files answers, and takes nothing.
func TestLoading(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t, "save \"\"", "appendonly no")
	l := newLog(t, s.Address(), redisrooms.LogOptions{Wait: 3 * time.Second})
	appendTo(t, l, "room", "first", "first")
	// A reload with a delay for each of many keys takes long enough.
	s.Do(t, "DEBUG", "POPULATE", 3000)
	s.Do(t, "CONFIG", "SET", "key-load-delay", 2000)
	s.Do(t, "CONFIG", "SET", "loading-process-events-interval-bytes", 1024)
	reloaded := make(chan struct{})
	c := redistest.Connect(t, s.Address(), func(o *redis.Options) { o.ReadTimeout = -1 })
	go func() {
		defer close(reloaded)
		c.Do(context.Background(), "DEBUG", "RELOAD")
	}()
	redistest.Eventually(t, "the server loads", func() bool {
		_, err := l.Append(t.Context(), "room", "id", []byte("refused"))
		if err != nil && errors.Is(err, rooms.ErrUncertain) {
			return false // the server was forking, and answered nobody
		}
		return err != nil && strings.Contains(err.Error(), "LOADING")
	})
	<-reloaded
}
