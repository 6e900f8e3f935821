//go:build linux

package log_test

import (
	"cmp"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

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
