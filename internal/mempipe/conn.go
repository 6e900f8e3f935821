// Package mempipe is a network in memory: connections that behave like TCP over
// loopback, and a listener for them.
//
// Unlike net.Pipe, a connection has a buffer in each direction, as the kernel has.
// So a small write returns even if nobody reads, and data written before a close can
// be read after it. In a testing/synctest bubble all waits are durably blocking, and
// time is the bubble's. The package starts no goroutines, and pairs share nothing.
package mempipe

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// DefaultBuffer is the default size of the buffer of one direction.
const DefaultBuffer = 64 << 10

// Addr is the address of one end: an IP address with a port, because programs take the
// host out of http.Request.RemoteAddr. The addresses belong to TEST-NET-1 (RFC 5737).
type Addr string

// Network returns "mem".
func (Addr) Network() string { return "mem" }

// String returns the address as host:port.
func (a Addr) String() string { return string(a) }

// Conn is one end of a connection. Like every net.Conn it is safe for
// concurrent use. Its errors are *net.OpError around the errors of TCP on
// Linux: os.ErrDeadlineExceeded, net.ErrClosed, EPIPE, ECONNRESET. The end of
// what the peer sent is plain io.EOF.
type Conn struct {
	in, out       *half
	local, remote Addr

	mu     sync.Mutex // protects closed and abort
	closed bool
	abort  bool // set by SetLinger(0): Close resets
}

var _ net.Conn = (*Conn)(nil)

// Pipe makes a connection and returns its two ends. Each direction buffers up to
// buffer bytes before a writer waits for the reader. Zero or less means DefaultBuffer.
func Pipe(buffer int) (client, server *Conn) {
	return pipe(buffer, "192.0.2.2:1", "192.0.2.1:80")
}

func pipe(buffer int, clientAddr, serverAddr Addr) (client, server *Conn) {
	if buffer <= 0 {
		buffer = DefaultBuffer
	}
	up, down := newHalf(buffer), newHalf(buffer)
	client = &Conn{in: down, out: up, local: clientAddr, remote: serverAddr}
	server = &Conn{in: up, out: down, local: serverAddr, remote: clientAddr}
	return client, server
}

// Read waits for bytes from the peer, until the read deadline.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	if err != nil && err != io.EOF {
		err = c.opError("read", err)
	}
	return n, err
}

// Write waits until all of p is in the buffer, or until the write deadline.
// Concurrent writes do not mix.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	if err != nil {
		err = c.opError("write", err)
	}
	return n, err
}

// Close ends both directions. The peer reads what was written before and then
// io.EOF; its writes fail with EPIPE. After SetLinger(0), Close resets the
// connection instead: the peer loses what it has not read and gets ECONNRESET.
// A second Close is an error, as in package net.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.closed = true
	if c.abort {
		c.out.reset()
	}
	c.out.closeWrite(net.ErrClosed)
	c.in.closeRead()
	return nil
}

// CloseWrite ends only what this end writes. The peer reads what was written
// and then io.EOF, and can still write.
func (c *Conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.out.closeWrite(os.NewSyscallError("write", syscall.EPIPE))
	return nil
}

// SetLinger works as for a *net.TCPConn, as far as that is visible here: after
// zero, Close is a reset; any other value cancels that.
func (c *Conn) SetLinger(sec int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	c.abort = sec == 0
	return nil
}

// LocalAddr returns this end's address.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline ends pending and future reads at t. Zero means never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if err := c.in.setReadDeadline(t); err != nil {
		return c.opError("set", err)
	}
	return nil
}

// SetWriteDeadline ends pending and future writes at t. Zero means never. A
// write that it ends has put part of its bytes into the buffer.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if err := c.out.setWriteDeadline(t); err != nil {
		return c.opError("set", err)
	}
	return nil
}

func (c *Conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "mem", Source: c.local, Addr: c.remote, Err: err}
}
