//go:build linux

package redistest_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
)

// The server does what the tests below rely on.
func TestServer(t *testing.T) {
	s := redistest.NewServer(t)
	ctx := context.Background()
	want := func(value string) {
		t.Helper()
		if got := s.Do(t, "GET", "key"); got != value {
			t.Errorf("GET = %v, want %v", got, value)
		}
	}
	s.Do(t, "SET", "key", "old")
	rewind := s.Snapshot(t)
	s.Do(t, "SET", "key", "new")
	s.Kill()
	impatient := redistest.Connect(t, s.Address(), func(o *redis.Options) {
		o.MaxRetries, o.DialerRetries, o.ReadTimeout = -1, 1, 50*time.Millisecond
	})
	if err := impatient.Ping(ctx).Err(); err == nil {
		t.Error("Ping of a killed server = no error, want one")
	}
	s.Start(t)
	want("new")
	s.Pause()
	if err := impatient.Ping(ctx).Err(); err == nil {
		t.Error("Ping of a paused server = no error, want one")
	}
	s.Resume()
	want("new")
	rewind(t)
	want("old")
}
