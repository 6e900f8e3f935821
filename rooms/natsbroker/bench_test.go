package natsbroker_test

import (
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

// BenchmarkBroadcast is what a broadcast costs its publisher, where nobody listens: by one
// and by many, and beside it what nats.go alone costs.
func BenchmarkBroadcast(b *testing.B) {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
	})
	if err != nil {
		b.Fatalf("server.NewServer = %v, want no error", err)
	}
	s.Start()
	defer s.Shutdown()
	nc, err := nats.Connect(s.ClientURL(), natsbroker.Recommended)
	if err != nil {
		b.Fatalf("nats.Connect = %v, want no error", err)
	}
	defer nc.Close()
	broker := natsbroker.New(nc, nil)
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
