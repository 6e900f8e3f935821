//go:build linux

package broker_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// rude panics in code of the program that go-redis calls: on connecting, and once before
// a command. It is a redis.Limiter.
type rude struct{ connects, commands atomic.Bool }

func (h *rude) onConnect(context.Context, *redis.Conn) error {
	if h.connects.Load() {
		panic("at the disco")
	}
	return nil
}

func (h *rude) Allow() error {
	if h.commands.CompareAndSwap(true, false) {
		panic("at the disco")
	}
	return nil
}

func (h *rude) ReportResult(error) {}

// Contract 9.9: a panic in the program's client, on a goroutine of the broker, does not
// end the process. Publish says where it happened, and the broker goes on.
func TestClientPanics(t *testing.T) {
	s, h := redistest.NewServer(t), &rude{}
	h.connects.Store(true)
	b := redisrooms.NewBroker(redistest.Connect(t, s.Address(), func(o *redis.Options) {
		o.OnConnect, o.Limiter = h.onConnect, h
	}), nil)
	t.Cleanup(b.Close)
	in, other := newInbox(), newBroker(t, s)
	subscribe(t, b, in.receive) // when b has tried to connect
	if err := b.Publish("room", nil); err == nil || !strings.Contains(err.Error(), "hooks_test.go:") {
		t.Errorf("Publish = %v, want where the panic was", err)
	}
	h.connects.Store(false)
	redistest.Eventually(t, "the room hears", func() bool {
		return other.Publish("room", []byte("x")) == nil && len(in) > 0
	})
	h.commands.Store(true)
	redistest.Eventually(t, "the broker has published for itself", func() bool {
		return !h.commands.Load()
	})
	redistest.Eventually(t, "the room hears that", func() bool {
		return len(in) > 0 && strings.HasPrefix(<-in, redisrooms.ErrOutage.Error())
	})
}
