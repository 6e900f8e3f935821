package wstest

import (
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/deadline"
)

// Listener wraps another listener and accepts its connections as *Conn.
type Listener struct {
	net.Listener
	accepted chan *Conn
}

// Count wraps l, before a server gets it. The server's ends of the connections then
// count writes and can be stalled. At most 1024 connections can wait for Conn.
func Count(l net.Listener) *Listener {
	return &Listener{Listener: l, accepted: make(chan *Conn, 1024)}
}

// Accept accepts a connection and wraps it.
func (l *Listener) Accept() (net.Conn, error) {
	inner, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &Conn{Conn: inner}
	c.changed.L = &c.mu
	select {
	case l.accepted <- c:
	default: // the test does not use them
	}
	return c, nil
}

// Conn waits for a connection that the server has accepted, and returns each of
// them once.
func (l *Listener) Conn(tb testing.TB) *Conn {
	tb.Helper()
	select {
	case c := <-l.accepted:
		return c
	case <-time.After(Wait):
		tb.Fatalf("wstest: no connection was accepted within %v", Wait)
		return nil
	}
}

// Conn is the server's end of a connection. It counts the server's writes and
// can stall them. SetLinger and CloseWrite call the wrapped connection.
type Conn struct {
	net.Conn
	writes atomic.Int64

	mu       sync.Mutex // protects the fields below
	changed  sync.Cond
	stalled  bool
	delay    time.Duration
	closed   bool
	deadline deadline.Deadline
}

// Writes returns how often the server has called Write, including a stalled call.
func (c *Conn) Writes() int { return int(c.writes.Load()) }

// Stall makes writes wait, like a network that takes nothing, until Resume,
// Close or the write deadline.
func (c *Conn) Stall() { c.set(func() { c.stalled = true }) }

// Resume ends Stall.
func (c *Conn) Resume() { c.set(func() { c.stalled = false }) }

// Slow makes each write take d longer, but not past its deadline.
func (c *Conn) Slow(d time.Duration) { c.set(func() { c.delay = d }) }

// Write counts the call, waits as set, and writes.
func (c *Conn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	if err := c.wait(); err != nil {
		return 0, &net.OpError{Op: "write", Net: "stalled", Source: c.LocalAddr(),
			Addr: c.RemoteAddr(), Err: err}
	}
	return c.Conn.Write(p)
}

func (c *Conn) wait() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	slow := c.delay > 0
	if slow {
		timer := time.AfterFunc(c.delay, func() { c.set(func() { slow = false }) })
		defer timer.Stop()
	}
	for (c.stalled || slow) && !c.closed && !c.deadline.Passed() {
		c.changed.Wait()
	}
	switch {
	case c.closed:
		return net.ErrClosed
	case c.deadline.Passed():
		return os.ErrDeadlineExceeded
	}
	return nil
}

func (c *Conn) set(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
	c.changed.Broadcast()
}

// Close ends stalled writes and closes the connection.
func (c *Conn) Close() error {
	c.set(func() {
		c.closed = true
		c.deadline.Stop()
	})
	return c.Conn.Close()
}

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	c.setWrite(t)
	return c.Conn.SetDeadline(t)
}

// SetWriteDeadline also applies to stalled writes.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.setWrite(t)
	return c.Conn.SetWriteDeadline(t)
}

func (c *Conn) setWrite(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.deadline.Set(t, &c.mu, c.changed.Broadcast)
	}
}

// SetLinger(0) makes Close a reset.
func (c *Conn) SetLinger(sec int) error {
	return c.Conn.(interface{ SetLinger(int) error }).SetLinger(sec)
}

// CloseWrite ends what the server sends.
func (c *Conn) CloseWrite() error {
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}
