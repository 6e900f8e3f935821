package natsbroker_test

import (
	"bytes"
	"runtime"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

// connect makes a connection to the server, and closes it after the test.
func connect(t testing.TB, s *natstest.Server, options ...nats.Option) *nats.Conn {
	t.Helper()
	return connectTo(t, s.URL(), options...)
}

// connectTo makes a connection with the options that the package recommends, but
// impatient and silent.
func connectTo(t testing.TB, url string, options ...nats.Option) *nats.Conn {
	t.Helper()
	quick := []nats.Option{
		natsbroker.Recommended,
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

// newBroker makes a broker with a connection of its own.
func newBroker(
	t testing.TB, s *natstest.Server, options ...nats.Option,
) *natsbroker.Broker {
	t.Helper()
	b := natsbroker.New(connect(t, s, options...), nil)
	t.Cleanup(b.Close)
	return b
}

func ignore([]byte, error) {}

// subscribe subscribes to the room that most tests use.
func subscribe(t *testing.T, b *natsbroker.Broker, receive func([]byte, error)) {
	t.Helper()
	if err := b.Subscribe("room", receive); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
}

// goroutines counts those that are in a function now, such as "natsbroker.(*worker).run".
func goroutines(function string) int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Count(stacks, []byte("/"+function+"("))
}

const (
	workers  = "natsbroker.(*worker).run"
	watchers = "natsbroker.(*watcher).run"
)

// eventually waits for what NATS does in its own time.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	const patience = 30 * time.Second
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); !done(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
	}
}
