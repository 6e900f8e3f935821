//go:build linux

package broker_test

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// newBroker makes a broker with a client of its own.
func newBroker(t testing.TB, s *redistest.Server) *redisrooms.Broker {
	t.Helper()
	b := redisrooms.NewBroker(s.Connect(t), nil)
	t.Cleanup(b.Close)
	return b
}
