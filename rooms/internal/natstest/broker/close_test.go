package broker_test

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// gate is closed once: a write that comes to it then says so, and waits until it opens.
// nats.go holds its lock meanwhile.
type gate struct {
	closed  atomic.Bool
	waiting chan struct{}
	open    chan struct{}
	reopen  func() // may be called again
}

func newGate() *gate {
	g := &gate{waiting: make(chan struct{}, 10), open: make(chan struct{})}
	g.reopen = sync.OnceFunc(func() {
		g.closed.Store(false)
		close(g.open)
	})
	return g
}

// Dial implements nats.CustomDialer.
func (g *gate) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	return gatedConn{c, g}, err
}

type gatedConn struct {
	net.Conn
	gate *gate
}

func (c gatedConn) Write(p []byte) (int, error) {
	if c.gate.closed.Load() {
		c.gate.waiting <- struct{}{}
		<-c.gate.open
	}
	return c.Conn.Write(p)
}

// shut closes the gate, and returns when a write of the connection waits at it.
func (g *gate) shut(nc *nats.Conn) {
	g.closed.Store(true)
	nc.Publish("x", nil)
	<-g.waiting
}

// Contract 10.5: a Publish that had to wait, whose broadcast has returned an error, sends
// nothing late.
func TestNothingLate(t *testing.T) {
	s, g := natstest.NewServer(t), newGate()
	nc := s.Connect(t, nats.SetCustomDialer(g))
	b := natsrooms.NewBroker(nc, nil)
	t.Cleanup(b.Close)
	t.Cleanup(g.reopen) // or Close would wait for ever
	got := make(chan string, 10)
	subscribe(t, newBroker(t, s), func(data []byte, _ error) { got <- string(data) })
	g.shut(nc)
	published := make(chan error)
	go func() { published <- b.Publish("room", []byte("late")) }()
	time.Sleep(1500 * time.Millisecond) // nats.go holds its lock
	g.reopen()
	if err := <-published; !errors.Is(err, natsrooms.ErrSlow) {
		t.Errorf("Publish = %v, want %v", err, natsrooms.ErrSlow)
	}
	natstest.Eventually(t, "Publish works again", func() bool {
		return b.Publish("room", []byte("fresh")) == nil
	})
	select {
	case msg := <-got:
		if msg != "fresh" {
			t.Errorf("received %q, want fresh", msg)
		}
	case <-time.After(30 * time.Second):
		t.Error("nothing was received in 30s")
	}
}
