package natstest

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Patience is how long what NATS does may take. A test that passes never waits for it. On
// a machine that is busy, three servers have taken 40 seconds to elect a leader.
const Patience = 2 * time.Minute

// Connect makes a connection with the options that natsrooms recommends, but impatient
// and silent, and closes it after the test.
func Connect(t testing.TB, url string, options ...nats.Option) *nats.Conn {
	t.Helper()
	quick := []nats.Option{
		natsrooms.Recommended,
		nats.ReconnectWait(20 * time.Millisecond),
		nats.ReconnectJitter(0, 0),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}),
	}
	nc, err := nats.Connect(url, append(quick, options...)...)
	if err != nil {
		t.Fatalf("nats.Connect = %v, want no error", err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// Eventually waits for what NATS does in its own time.
func Eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	suite.Eventually(t, Patience, what, done)
}
