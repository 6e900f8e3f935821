package broker_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/internal/stacks"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Contract 10.3: one NATS subscription a room and process, however many members; none
// without. Contract 9.6: nor does a room cost a goroutine.
func TestSubscriptions(t *testing.T) {
	s := natstest.NewServer(t)
	before := len(stacks.With(workers))
	r := rooms.New(&rooms.Options[string]{Broker: newBroker(t, s)})
	started := func() int { return len(stacks.With(workers)) - before }
	natstest.Eventually(t, "the workers have started", func() bool {
		return started() == runtime.GOMAXPROCS(0)
	})
	var members []*rooms.Member[string]
	for i := range 300 {
		m, err := r.Join(fmt.Sprint("room ", i%100), make(chan string, 1), nil, nil)
		if err != nil {
			t.Fatalf("Join = %v, want no error", err)
		}
		members = append(members, m)
	}
	if got := s.Subscriptions(); got != 100 {
		t.Errorf("%d subscriptions for 300 members in 100 rooms, want 100", got)
	}
	if got := started(); got != runtime.GOMAXPROCS(0) {
		t.Errorf("%d goroutines for 100 rooms, want %d as before", got, runtime.GOMAXPROCS(0))
	}
	for _, m := range members {
		m.Leave()
	}
	natstest.Eventually(t, "no subscription is left", func() bool { return s.Subscriptions() == 0 })
}

func TestClose(t *testing.T) {
	s := natstest.NewServer(t)
	before := len(stacks.With(workers))
	nc := s.Connect(t)
	b := natsrooms.NewBroker(nc, nil)
	for i := range 10 {
		if err := b.Subscribe(fmt.Sprint(i), ignore); err != nil {
			t.Errorf("Subscribe = %v, want no error", err)
		}
	}
	b.Close()
	b.Close()
	if got := len(stacks.With(workers)) - before; got != 0 {
		t.Errorf("%d goroutines after Close, want none", got)
	}
	natstest.Eventually(t, "no subscription is left", func() bool { return s.Subscriptions() == 0 })
	if err := b.Publish("room", nil); !errors.Is(err, natsrooms.ErrClosed) {
		t.Errorf("Publish after Close = %v, want %v", err, natsrooms.ErrClosed)
	}
	if err := b.Subscribe("room", ignore); !errors.Is(err, natsrooms.ErrClosed) {
		t.Errorf("Subscribe after Close = %v, want %v", err, natsrooms.ErrClosed)
	}
	if err := b.Unsubscribe("1"); err != nil {
		t.Errorf("Unsubscribe after Close = %v, want no error", err)
	}
	if !nc.IsConnected() {
		t.Error("Close closed the connection, which is the program's")
	}
}

// The errors that a program can tell apart.
func TestErrors(t *testing.T) {
	s := natstest.NewServer(t)
	nc := s.Connect(t)
	b := natsrooms.NewBroker(nc, nil)
	t.Cleanup(b.Close)
	if err := b.Publish("room", make([]byte, 2<<20)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("Publish(2 MiB) = %v, want %v", err, nats.ErrMaxPayload)
	}
	if err := b.Subscribe("room", ignore); err != nil {
		t.Errorf("Subscribe = %v, want no error", err)
	}
	if err := b.Subscribe("room", ignore); !strings.Contains(fmt.Sprint(err), "already") {
		t.Errorf("second Subscribe = %v, want that two share the broker", err)
	}
	nc.Close()
	if err := b.Publish("room", nil); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("Publish on a closed connection = %v, want %v", err, nats.ErrConnectionClosed)
	}
	for range 2 { // what has failed is not in the way
		err := b.Subscribe("other", ignore)
		if !errors.Is(err, nats.ErrConnectionClosed) {
			t.Errorf("Subscribe on a closed connection = %v, want %v",
				err, nats.ErrConnectionClosed)
		}
	}
	if err := b.Unsubscribe("room"); err != nil {
		t.Errorf("Unsubscribe on a closed connection = %v, want no error", err)
	}
	gone := s.Connect(t)
	away := natsrooms.NewBroker(gone, nil)
	t.Cleanup(away.Close)
	s.Stop()
	natstest.Eventually(t, "the connection notices", func() bool { return !gone.IsConnected() })
	if err := away.Publish("room", nil); !errors.Is(err, nats.ErrDisconnected) {
		t.Errorf("Publish while NATS is away = %v, want %v", err, nats.ErrDisconnected)
	}
}
