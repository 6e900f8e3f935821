//go:build linux

package redistest

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

func init() { logging.Disable() } // tests break the network on purpose

// Connect makes a client with go-redis's defaults, and closes it after the test. Change
// changes them.
func Connect(t testing.TB, address string, change ...func(o *redis.Options)) *redis.Client {
	t.Helper()
	o := &redis.Options{Addr: address}
	for _, f := range change {
		f(o)
	}
	c := redis.NewClient(o)
	t.Cleanup(func() { c.Close() })
	return c
}

// Eventually waits for what Redis does in its own time.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	suite.Eventually(t, Patience, what, done)
}

// Subscriptions returns how many subscriptions to channels that match a pattern the
// clients of a server have together.
func Subscriptions(t testing.TB, c *redis.Client, pattern string) (n int) {
	t.Helper()
	ctx := context.Background()
	channels, err := c.PubSubChannels(ctx, pattern).Result()
	if err != nil {
		return 0
	}
	counts, err := c.PubSubNumSub(ctx, channels...).Result()
	if err != nil {
		return 0
	}
	for _, count := range counts {
		n += int(count)
	}
	return n
}
