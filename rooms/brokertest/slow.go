package brokertest

import (
	"strings"
	"sync/atomic"
	"testing"
)

// testSlow: a receiver is stuck for a while, in the user's OnError. Publishing does not
// wait for it, other rooms go on, and the messages that it missed are reported.
func testSlow(t *testing.T, n Network) {
	const messages = 20_000
	a, b, c := n.Connect(t), n.Connect(t), n.Connect(t)
	healthy := subscribe(t, c, "room")
	gate, arrived, told := make(chan struct{}), atomic.Int64{}, atomic.Int64{}
	flushed := make(inbox, 1<<14)
	err := b.Subscribe("room", func(data []byte, lost error) {
		<-gate
		switch {
		case lost != nil:
			told.Add(1)
		case strings.HasPrefix(string(data), mark):
			flushed <- string(data)
		default:
			arrived.Add(1)
		}
	})
	if err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	refused := int64(0)
	data := []byte(strings.Repeat("x", 100))
	for range messages {
		if a.Publish("room", data) != nil {
			refused++
		}
		if t.Failed() { // it waits for the receiver, once is enough
			break
		}
	}
	// The next process does not suffer with it, but may have been slow as well.
	healthy.until(t, "healthy", marks(a, "room"))
	close(gate)
	flushed.until(t, "slow", marks(a, "room"))
	if arrived.Load()+refused < messages {
		eventually(t, "the slow receiver is told that it has missed messages", func() bool {
			return told.Load() > 0
		})
	}
}
