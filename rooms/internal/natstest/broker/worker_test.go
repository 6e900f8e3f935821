package broker_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// What nats.go drops is told, completely: what arrived and what was told make up what was
// sent. Never silent.
func TestSlowConsumer(t *testing.T) {
	const each = 3000
	s := natstest.NewServer(t)
	slow := s.Connect(t)
	b := natsrooms.NewBroker(slow, &natsrooms.BrokerOptions{Pending: 10})
	t.Cleanup(b.Close)
	var arrived, dropped atomic.Uint64
	var gate sync.Mutex // held while the receivers are stuck
	receive := func(_ []byte, lost error) {
		gate.Lock()
		defer gate.Unlock()
		n := uint64(0)
		if lost == nil {
			arrived.Add(1)
		} else if errors.Is(lost, nats.ErrSlowConsumer) {
			fmt.Sscanf(lost.Error(), "%d messages dropped", &n)
			dropped.Add(n)
		}
	}
	for _, room := range []string{"a", "b"} {
		if err := b.Subscribe(room, receive); err != nil {
			t.Fatalf("Subscribe = %v, want no error", err)
		}
	}
	publisher := newBroker(t, s)
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
		natstest.Eventually(t, "nats.go has read all", func() bool {
			return slow.Stats().InMsgs == sent
		})
		gate.Unlock()
		natstest.Eventually(t, "all that was sent has arrived or is told", func() bool {
			return arrived.Load()+dropped.Load() == sent
		})
		if dropped.Load() == before {
			t.Error("nothing was dropped, want the test to drop")
		}
	}
}

// A room that never catches up is told what was dropped all the same.
func TestSlowForever(t *testing.T) {
	const pending, messages = 10, 2000
	s := natstest.NewServer(t)
	slow := s.Connect(t)
	b := natsrooms.NewBroker(slow, &natsrooms.BrokerOptions{Pending: pending})
	t.Cleanup(b.Close)
	publisher := s.Connect(t)
	arrived, sent, told := 0, uint64(0), false
	done := make(chan int, messages)
	err := b.Subscribe("room", func(_ []byte, lost error) {
		if told = told || lost != nil; told {
			done <- arrived
			return
		}
		if arrived++; arrived > messages {
			done <- arrived
			return
		}
		// Twice as many are there before this one is over: the worker is never at rest.
		for range 2 * pending {
			sent++
			publisher.Publish(subject("room"), []byte("x"))
		}
		publisher.Flush()
		for slow.Stats().InMsgs < sent {
			runtime.Gosched()
		}
	})
	if err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	sent++
	publisher.Publish(subject("room"), []byte("x"))
	select {
	case n := <-done:
		if n > 3*pending {
			t.Errorf("told after %d messages, want soon after %d", n, pending)
		}
	case <-time.After(15 * time.Second):
		t.Error("nothing was told in 15s")
	}
}

// subject is where a room is, with the default prefix.
func subject(room string) string {
	return "rooms.n" + base64.RawURLEncoding.EncodeToString([]byte(room))
}
