package brokertest

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/guard"
)

// guarded is the broker under test. See package guard.
type guarded struct {
	guard  *guard.Guard
	broker rooms.Broker
}

func guardBroker(t *testing.T, b rooms.Broker) rooms.Broker {
	return guarded{guard.New(t, "brokertest: the broker"), b}
}

func (g guarded) Publish(room string, data []byte) error {
	return g.call("Publish", room, func() error { return g.broker.Publish(room, data) })
}

func (g guarded) Subscribe(room string, receive func([]byte, error)) error {
	return g.call("Subscribe", room, func() error {
		return g.broker.Subscribe(room, receive)
	})
}

func (g guarded) Unsubscribe(room string) error {
	return g.call("Unsubscribe", room, func() error { return g.broker.Unsubscribe(room) })
}

func (g guarded) call(name, room string, method func() error) error {
	_, err := guard.Call(g.guard, name, room, patience, func() (struct{}, error) {
		return struct{}{}, method()
	})
	return err
}
