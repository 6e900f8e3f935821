package natsbroker

import (
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// gate is closed once: a write that comes to it then says so, and waits until it opens.
// nats.go holds its lock meanwhile.
type gate struct {
	closed  atomic.Bool
	waiting chan struct{}
	open    chan struct{}
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

// A subscription that NATS gets only after Close is ended.
func TestCloseDuringSubscribe(t *testing.T) {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
	})
	if err != nil {
		t.Fatalf("server.NewServer = %v, want no error", err)
	}
	s.Start()
	defer s.Shutdown()
	g := &gate{waiting: make(chan struct{}, 10), open: make(chan struct{})}
	nc, err := nats.Connect(s.ClientURL(), nats.SetCustomDialer(g))
	if err != nil {
		t.Fatalf("nats.Connect = %v, want no error", err)
	}
	defer nc.Close()
	w := newWorker(1)
	g.closed.Store(true)
	nc.Publish("x", nil)
	<-g.waiting
	subscribed := make(chan error)
	go func() { subscribed <- w.subscribe(nc, "room", func([]byte, error) {}) }()
	for entered := false; !entered; time.Sleep(time.Millisecond) {
		w.mu.Lock()
		entered = w.subs["room"] != nil
		w.mu.Unlock()
	}
	w.close()
	close(g.open)
	if err := <-subscribed; !errors.Is(err, ErrClosed) {
		t.Errorf("subscribe = %v, want %v", err, ErrClosed)
	}
	if got := nc.NumSubscriptions(); got != 0 {
		t.Errorf("%d subscriptions after close, want 0", got)
	}
}
