package broker_test

import (
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/goroutines"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

func TestMain(m *testing.M) { goroutines.Main(m) }

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

const (
	workers  = "/pool.(*worker[...]).run("
	watchers = "/pool.(*watcher[...]).run("
)
