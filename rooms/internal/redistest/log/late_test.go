//go:build linux

package log_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// Contract 11.2: what a server that stood still does after the sender was told that it
// had failed becomes no entry, whatever its clock shows. Said again with the same id it is
// seen once.
func TestLate(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			t.Parallel()
			s, c := startSkewed(t, ahead)
			l := redisrooms.NewLog(c.Client, nil)
			t.Cleanup(l.Close)
			_, news := follow(t, l, "room")
			appendTo(t, l, "room", "first", "first")
			s.Pause()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := l.Append(ctx, "room", "id", []byte("late"))
			if !errors.Is(err, rooms.ErrUncertain) {
				t.Errorf("Append = %v, want %v", err, rooms.ErrUncertain)
			}
			s.Resume()
			first := appendTo(t, l, "room", "id", "again")
			if again := appendTo(t, l, "room", "id", "and again"); again != first {
				t.Errorf("Append again = %v, want %v as first", again, first)
			}
			if got, want := said(t, l, "room"), []string{"first", "again"}; !slices.Equal(got, want) {
				t.Errorf("the log has %q, want %q", got, want)
			}
			wantTold(t, news, "first", "again")
		})
	}
}

// Contract 11.2: a clock that steps makes no message fail.
func TestClockSteps(t *testing.T) {
	t.Parallel()
	_, c := startSkewed(t, 0)
	l := redisrooms.NewLog(c.Client, nil)
	t.Cleanup(l.Close)
	for i, ahead := range []time.Duration{0, time.Hour, 0, -time.Hour, 0, time.Minute} {
		c.ahead.Store(int64(ahead))
		appendTo(t, l, "room", string(rune('a'+i)), "said")
	}
}

func startSkewed(t *testing.T, ahead time.Duration) (*redistest.Server, *skewed) {
	s := redistest.NewServer(t)
	c := &skewed{Client: s.Connect(t)}
	c.ahead.Store(int64(ahead))
	c.AddHook(c)
	return s, c
}

// skewed is a client to whose server the clock is ahead of ours: its deadlines are made
// earlier, and the times in its answers later.
type skewed struct {
	*redis.Client
	ahead atomic.Int64
}

func (*skewed) DialHook(next redis.DialHook) redis.DialHook { return next }

func (*skewed) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook knows the append script by its number of arguments.
func (c *skewed) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		args, ahead := cmd.Args(), c.ahead.Load()/1000
		if len(args) != 12 {
			return next(ctx, cmd)
		}
		args[7] = args[7].(int64) - ahead
		err := next(ctx, cmd)
		if answer, ok := cmd.(interface{ Val() any }).Val().([]any); ok {
			answer[1] = answer[1].(int64) + ahead
		}
		return err
	}
}

// Contract 11.2: an answer that is lost with the connection is found out about, within
// the time that the caller has.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	p := proxy.New(t, s)
	l := newLog(t, p.Address(), redisrooms.LogOptions{})
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		result := make(chan error, 1)
		p.Stall()
		go func() {
			_, err := l.Append(t.Context(), "room", id, []byte(id))
			result <- err
		}()
		<-time.After(20 * time.Millisecond) // whether it is on its way does not matter
		p.Cut()
		p.GoOn()
		if err := <-result; err != nil {
			t.Errorf("Append = %v, want no error: there was time to try again", err)
		}
	}
	want := []string{"a", "b", "c", "d", "e"}
	if got := said(t, l, "room"); !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q", got, want)
	}
}

// Contract 11.2: an id whose entry was dropped or lost, but which is remembered, leaves it
// open whether the message is seen. It is not appended again.
func TestForgotten(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := newLog(t, s.Address(), redisrooms.LogOptions{Count: 2})
	for _, id := range []string{"a", "b", "c"} {
		appendTo(t, l, "room", id, id)
	}
	_, err := l.Append(t.Context(), "room", "a", []byte("again"))
	if !errors.Is(err, rooms.ErrUncertain) {
		t.Errorf("Append again = %v, want %v", err, rooms.ErrUncertain)
	}
	if got, want := said(t, l, "room"), []string{"b", "c"}; !slices.Equal(got, want) {
		t.Errorf("the log has %q, want %q", got, want)
	}
}

// Contract 11.9: an id is remembered for the window, and no longer.
func TestWindow(t *testing.T) {
	t.Parallel()
	s := redistest.NewServer(t)
	l := redisrooms.NewLog(s.Connect(t), &redisrooms.LogOptions{
		Wait: 3 * time.Second, Window: 3 * time.Second})
	t.Cleanup(l.Close)
	first := appendTo(t, l, "room", "id", "first")
	redistest.Eventually(t, "the id can be used again", func() bool {
		return appendTo(t, l, "room", "id", "second") != first
	})
}
