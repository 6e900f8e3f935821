package broker_test

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// BenchmarkBroadcast is what a broadcast costs its publisher, where nobody listens: by
// one and by many, and beside it what nats.go alone costs.
func BenchmarkBroadcast(b *testing.B) {
	nc := natstest.NewServer(b).Connect(b)
	broker := natsrooms.NewBroker(nc, nil)
	defer broker.Close()
	r := rooms.New(&rooms.Options[string]{Broker: broker})
	data := []byte("hello from another machine")
	b.Run("nats.go alone", func(b *testing.B) {
		for b.Loop() {
			nc.Publish("x", data)
		}
	})
	b.Run("one publisher", func(b *testing.B) {
		for b.Loop() {
			r.Broadcast("lobby", "hello from another machine")
		}
	})
	b.Run("many publishers", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				r.Broadcast("lobby", "hello from another machine")
			}
		})
	})
}
