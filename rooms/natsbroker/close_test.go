package natsbroker

import (
	"bytes"
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

// startServer starts an embedded server, and stops it after the test.
func startServer(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	o.Host, o.Port, o.NoLog, o.NoSigs = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatalf("server.NewServer = %v, want no error", err)
	}
	s.Start()
	t.Cleanup(s.Shutdown)
	return s
}

// connect connects to the server, and closes the connection after the test.
func connect(t *testing.T, s *server.Server, options ...nats.Option) *nats.Conn {
	t.Helper()
	silent := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})
	nc, err := nats.Connect(s.ClientURL(), append(options, silent)...)
	if err != nil {
		t.Fatalf("nats.Connect = %v, want no error", err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// A subscription that NATS gets only after Close is ended.
func TestCloseDuringSubscribe(t *testing.T) {
	s := startServer(t, &server.Options{})
	g := &gate{waiting: make(chan struct{}, 10), open: make(chan struct{})}
	nc := connect(t, s, nats.SetCustomDialer(g))
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

// What Publish has given up is not sent late.
func TestNothingLate(t *testing.T) {
	s := startServer(t, &server.Options{})
	g := &gate{waiting: make(chan struct{}, 10), open: make(chan struct{})}
	nc := connect(t, s, nats.SetCustomDialer(g))
	b := New(nc, nil)
	defer b.Close()
	near := connect(t, s)
	got, err := near.SubscribeSync(b.subject("room"))
	if err != nil {
		t.Fatalf("SubscribeSync = %v, want no error", err)
	}
	near.Flush()
	g.closed.Store(true)
	nc.Publish("x", nil)
	<-g.waiting
	if err := b.Publish("room", []byte("late")); !errors.Is(err, ErrSlow) {
		t.Errorf("Publish = %v, want %v", err, ErrSlow)
	}
	g.closed.Store(false)
	close(g.open)
	for b.Publish("room", []byte("fresh")) != nil {
		time.Sleep(time.Millisecond)
	}
	msg, err := got.NextMsg(15 * time.Second)
	if err != nil || !bytes.HasSuffix(msg.Data, []byte("fresh")) { // a head is before it
		t.Errorf("received %v, %v, want fresh", msg, err)
	}
}
