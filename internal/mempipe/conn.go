// Package mempipe is a network in memory: connections that behave like TCP over
// loopback, and a listener for them.
//
// Unlike net.Pipe a connection has a buffer in each direction, as the kernel
// has: a small write returns although nobody reads, and what was written before
// a close can still be read after it. Everything that waits is durably blocking
// in a testing/synctest bubble, and time is the bubble's. There are no
// goroutines and nothing is shared between pairs.
package mempipe

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// DefaultBuffer is the size of the buffer of one direction when none is given.
const DefaultBuffer = 64 << 10

// Addr is the address of one end, an IP address with a port: programs take the
// host out of http.Request.RemoteAddr. The addresses are of TEST-NET-1 (RFC 5737).
type Addr string

// Network is always "mem".
func (Addr) Network() string { return "mem" }

// String is the address as host:port.
func (a Addr) String() string { return string(a) }

// Conn is one end of a connection. It is safe for concurrent use, as every net.Conn.
// Errors are *net.OpError around what TCP on Linux would give: os.ErrDeadlineExceeded,
// net.ErrClosed, EPIPE, ECONNRESET; the end of what the peer sent is io.EOF alone.
type Conn struct {
	in, out       *half
	local, remote Addr

	mu     sync.Mutex // protects closed and abort
	closed bool
	abort  bool // set by SetLinger(0): Close resets
}

var _ net.Conn = (*Conn)(nil)

// Pipe makes a connection and gives its two ends. Each direction takes buffer bytes
// before a writer has to wait for the reader; zero or less means DefaultBuffer.
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

// Read waits for the first bytes that the peer wrote, until the read deadline.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	if err != nil && err != io.EOF {
		err = c.opError("read", err)
	}
	return n, err
}

// Write returns when all of p is in the buffer, waiting for the reader until
// the write deadline. Writes of several goroutines do not mix.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	if err != nil {
		err = c.opError("write", err)
	}
	return n, err
}

// Close ends both directions. The peer reads what was written before and then
// io.EOF; what it writes fails with EPIPE. After SetLinger(0) it resets
// instead: the peer loses what it has not read and gets ECONNRESET. A second
// Close is an error, as it is in package net.
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

// CloseWrite ends the own direction only: the peer reads what was written and
// then io.EOF, and can go on writing.
func (c *Conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.out.closeWrite(os.NewSyscallError("write", syscall.EPIPE))
	return nil
}

// SetLinger has the meaning it has for a *net.TCPConn as far as that shows
// here: zero makes Close a reset, anything else takes that back.
func (c *Conn) SetLinger(sec int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	c.abort = sec == 0
	return nil
}

// LocalAddr is this end's address.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr is the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline ends waiting reads, and all that follow, at t. Zero means never.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if err := c.in.setReadDeadline(t); err != nil {
		return c.opError("set", err)
	}
	return nil
}

// SetWriteDeadline ends waiting writes, and all that follow, at t. Zero means
// never. A write that ends so has put a part of its bytes into the buffer.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if err := c.out.setWriteDeadline(t); err != nil {
		return c.opError("set", err)
	}
	return nil
}

func (c *Conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "mem", Source: c.local, Addr: c.remote, Err: err}
}
