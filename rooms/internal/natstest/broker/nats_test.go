package broker_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// newBroker makes a broker with a connection of its own.
func newBroker(
	t testing.TB, s *natstest.Server, options ...nats.Option,
) *natsrooms.Broker {
	t.Helper()
	b := natsrooms.NewBroker(s.Connect(t, options...), nil)
	t.Cleanup(b.Close)
	return b
}

func ignore([]byte, error) {}

// subscribe subscribes to the room that most tests use.
func subscribe(t *testing.T, b *natsrooms.Broker, receive func([]byte, error)) {
	t.Helper()
	if err := b.Subscribe("room", receive); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
}

// goroutines counts those that are in a function now.
func goroutines(function string) int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte("/"+function+"("))
}

const (
	workers  = "pool.(*worker[...]).run"
	watchers = "pool.(*watcher[...]).run"
)
