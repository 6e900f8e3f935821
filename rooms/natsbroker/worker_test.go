package natsbroker_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

// What nats.go drops is told, completely: what arrived and what was told make up what was
// sent. Never silent.
func TestSlowConsumer(t *testing.T) {
	const each = 3000
	s := startNATS(t)
	slow := s.connect(t)
	b := natsbroker.New(slow, &natsbroker.Options{Pending: 10})
	t.Cleanup(b.Close)
	var arrived, dropped atomic.Uint64
	var gate sync.Mutex // held while the receivers are stuck
	receive := func(_ []byte, lost error) {
		gate.Lock()
		defer gate.Unlock()
		n := uint64(0)
		if lost == nil {
			arrived.Add(1)
		} else if fmt.Sscanf(lost.Error(), "%d messages dropped", &n); errors.Is(lost, nats.ErrSlowConsumer) {
			dropped.Add(n)
		}
	}
	for _, room := range []string{"a", "b"} {
		if err := b.Subscribe(room, receive); err != nil {
			t.Fatalf("Subscribe = %v, want no error", err)
		}
	}
	publisher := s.broker(t)
	for sent := uint64(0); sent < 3*each; {
		gate.Lock()
		before := dropped.Load()
		for range each {
			sent++
			if err := publisher.Publish(string("ab"[sent%2]), []byte("x")); err != nil {
				t.Fatalf("Publish = %v, want no error", err)
			}
		}
		// What nats.go has not read yet, it has not dropped.
		eventually(t, "nats.go has read all", func() bool { return slow.Stats().InMsgs == sent })
		gate.Unlock()
		eventually(t, "all that was sent has arrived or is told", func() bool { return arrived.Load()+dropped.Load() == sent })
		if dropped.Load() == before {
			t.Error("nothing was dropped, want the test to drop")
		}
	}
}
