package brokertest

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// testLeaks: many rooms are subscribed, used and unsubscribed. Neither goroutines nor
// subscriptions nor memory stay. A broker may keep a few; one for each room is too much.
func testLeaks(t *testing.T, n Network) {
	const cycles, kept = 500, 100
	a, b := n.Connect(t), n.Connect(t)
	cycle(t, a, b, "warm up", nil)
	goroutines, subscriptions := runtime.NumGoroutine(), 0
	if n.Subscriptions != nil {
		subscriptions = n.Subscriptions()
	}
	var freed atomic.Int64
	for i := range cycles {
		cycle(t, a, b, fmt.Sprint(i), &freed)
	}
	eventually(t, "goroutines leak: one more for each Subscribe, Unsubscribe or Publish",
		func() bool { return runtime.NumGoroutine() < goroutines+kept })
	if n.Subscriptions != nil {
		eventually(t, "subscriptions leak: the network has one more for each Unsubscribe",
			func() bool { return n.Subscriptions() <= subscriptions })
	}
	eventually(t, "memory leaks: the broker holds receive after Unsubscribe", func() bool {
		runtime.GC()
		return freed.Load() > cycles-kept
	})
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)
}

// cycle subscribes to a room, publishes, and unsubscribes. It counts when the garbage
// collector has freed what receive refers to.
func cycle(t *testing.T, a, b rooms.Broker, room string, freed *atomic.Int64) {
	got := make(chan struct{}, 1000)
	payload := new([64]byte)
	if freed != nil {
		runtime.AddCleanup(payload, func(n *atomic.Int64) { n.Add(1) }, freed)
	}
	err := b.Subscribe(room, func([]byte, error) {
		payload[0]++
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
