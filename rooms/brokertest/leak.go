package brokertest

import (
	"runtime"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/suite"
)

// testLeaks: many rooms are subscribed, used and unsubscribed. Neither goroutines nor
// subscriptions nor memory stay.
func testLeaks(t *testing.T, n Network) {
	a, b := n.Connect(t), n.Connect(t)
	cycle(t, a, b, "first", func() {})
	subscriptions := 0
	if n.Subscriptions != nil {
		subscriptions = n.Subscriptions()
	}
	suite.Leaks(t, patience, "the broker", 100, func(room string, touch func()) {
		cycle(t, a, b, room, touch)
	})
	if n.Subscriptions != nil {
		eventually(t, "subscriptions leak: the network has one more for each Unsubscribe",
			func() bool { return n.Subscriptions() <= subscriptions })
	}
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)
}

// cycle subscribes to a room, publishes, and unsubscribes.
func cycle(t *testing.T, a, b rooms.Broker, room string, touch func()) {
	t.Helper()
	got := make(chan struct{}, 1000)
	err := b.Subscribe(room, func([]byte, error) {
		touch()
		got <- struct{}{}
	})
	if err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	publish(t, a, room, "x")
	<-got
	if err := b.Unsubscribe(room); err != nil {
		t.Errorf("Unsubscribe = %v, want no error", err)
	}
}
