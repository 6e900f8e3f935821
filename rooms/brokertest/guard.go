package brokertest

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

// guarded is the broker under test. See package suite.
type guarded struct {
	guard  *suite.Guard
	broker rooms.Broker
}

func guardBroker(t *testing.T, b rooms.Broker) rooms.Broker {
	return guarded{suite.NewGuard(t, "brokertest: the broker", patience), b}
}

func (g guarded) Publish(room string, data []byte) error {
	return g.guard.Do("Publish", room, func() error { return g.broker.Publish(room, data) })
}

func (g guarded) Subscribe(room string, receive func([]byte, error)) error {
	return g.guard.Do("Subscribe", room, func() error {
		return g.broker.Subscribe(room, receive)
	})
}

func (g guarded) Unsubscribe(room string) error {
	return g.guard.Do("Unsubscribe", room, func() error { return g.broker.Unsubscribe(room) })
}
