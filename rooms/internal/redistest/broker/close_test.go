//go:build linux

package broker_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// Contract 10.11: one subscription for a room and process, however many members; none
// without; and no goroutine. Tests that run beside others would be counted: these do not.
func TestSubscriptions(t *testing.T) {
	s := redistest.NewServer(t)
	admin := s.Connect(t)
	r := rooms.New(&rooms.Options[string]{Broker: newBroker(t, s)})
	var members []*rooms.Member[string]
	join := func(room string) {
		t.Helper()
		m, err := r.Join(room, make(chan string, 1), nil, nil)
		if err != nil {
			t.Fatalf("Join = %v, want no error", err)
		}
		members = append(members, m)
	}
	join("room 0")
	before := runtime.NumGoroutine()
	for i := range 300 {
		join(fmt.Sprint("room ", i%100))
	}
	if got := redistest.Subscriptions(t, admin, "rooms:b:*"); got != 100 {
		t.Errorf("%d subscriptions for 300 members in 100 rooms, want 100", got)
	}
	redistest.Eventually(t, "there are no more goroutines than for one room", func() bool {
		return runtime.NumGoroutine() <= before
	})
	for _, m := range members {
		m.Leave()
	}
	redistest.Eventually(t, "no subscription is left", func() bool {
		return redistest.Subscriptions(t, admin, "rooms:b:*") == 0
	})
}

// running counts the goroutines of brokers.
func running() int {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Count(string(stacks), "/redisrooms.(*link).") +
		strings.Count(string(stacks), "/pool.(*worker[...]).run(")
}

func TestClose(t *testing.T) {
	s := redistest.NewServer(t)
	u, before := s.Connect(t), running()
	b := redisrooms.NewBroker(u, nil)
	for i := range 10 {
		if err := b.Subscribe(fmt.Sprint(i), func([]byte, error) {}); err != nil {
			t.Errorf("Subscribe = %v, want no error", err)
		}
	}
	if err := b.Subscribe("1", nil); !strings.Contains(fmt.Sprint(err), "already") {
		t.Errorf("second Subscribe = %v, want that two share the broker", err)
	}
	b.Close()
	b.Close()
	if got := running() - before; got != 0 {
		t.Errorf("%d goroutines after Close, want none", got)
	}
	redistest.Eventually(t, "no subscription is left", func() bool {
		return redistest.Subscriptions(t, u, "*") == 0
	})
	if err := b.Publish("room", nil); !errors.Is(err, redisrooms.ErrClosed) {
		t.Errorf("Publish after Close = %v, want %v", err, redisrooms.ErrClosed)
	}
	if err := b.Subscribe("room", nil); !errors.Is(err, redisrooms.ErrClosed) {
		t.Errorf("Subscribe after Close = %v, want %v", err, redisrooms.ErrClosed)
	}
	if err := b.Unsubscribe("1"); err != nil {
		t.Errorf("Unsubscribe after Close = %v, want no error", err)
	}
	if err := u.Ping(t.Context()).Err(); err != nil {
		t.Errorf("Ping = %v: Close closed the client, which is the program's", err)
	}
}

// Close ends also while Redis stands still, and one that has never connected.
func TestCloseInOutage(t *testing.T) {
	s := redistest.NewServer(t)
	before := running()
	connected := newBroker(t, s)
	subscribe(t, connected, func([]byte, error) {})
	s.Pause()
	never := newBroker(t, s)
	connected.Close()
	never.Close()
	s.Kill()
	newBroker(t, s).Close()
	if got := running() - before; got != 0 {
		t.Errorf("%d goroutines after Close, want none", got)
	}
}
