package broker_test

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// What could not be published is not kept by nats.go either, for the instant before the
// broker notices.
func TestNothingKept(t *testing.T) {
	s := natstest.NewServer(t)
	nc := s.Connect(t)
	s.Stop()
	natstest.Eventually(t, "the connection notices", func() bool { return !nc.IsConnected() })
	if err := nc.Publish("x", nil); !errors.Is(err, nats.ErrReconnectBufExceeded) {
		t.Errorf("Publish on the connection = %v, want %v", err, nats.ErrReconnectBufExceeded)
	}
}

// Prefixes keep kinds of messages apart on one connection.
func TestPrefix(t *testing.T) {
	s := natstest.NewServer(t)
	nc := s.Connect(t, func(o *nats.Options) error { o.NoEcho = false; return nil })
	news := natsrooms.NewBroker(nc, &natsrooms.BrokerOptions{Prefix: "app.news"})
	chat := natsrooms.NewBroker(nc, &natsrooms.BrokerOptions{Prefix: "app.chat"})
	t.Cleanup(news.Close)
	t.Cleanup(chat.Close)
	got := make(chan string, 10)
	subscribe(t, chat, func(data []byte, _ error) { got <- string(data) })
	for _, publish := range []func() error{
		func() error { return news.Publish("room", []byte("news")) },
		func() error { return chat.Publish("room", []byte("chat")) },
	} {
		if err := publish(); err != nil {
			t.Errorf("Publish = %v, want no error", err)
		}
	}
	if msg := <-got; msg != "chat" {
		t.Errorf("the room with prefix app.chat got %q, want chat", msg)
	}
}

// Recommended also starts while NATS is away, and finds it when it comes.
func TestRecommendedStartsAway(t *testing.T) {
	s := natstest.NewServer(t)
	publisher := newBroker(t, s)
	s.Stop()
	b := newBroker(t, s)
	got := make(chan string, 1000)
	subscribe(t, b, func(data []byte, _ error) { got <- string(data) }) // before NATS is there
	if err := b.Publish("room", nil); !errors.Is(err, nats.ErrDisconnected) {
		t.Errorf("Publish before NATS is there = %v, want %v", err, nats.ErrDisconnected)
	}
	s.Start(t)
	natstest.Eventually(t, "the first message", func() bool {
		publisher.Publish("room", []byte("x"))
		return len(got) > 0
	})
}
