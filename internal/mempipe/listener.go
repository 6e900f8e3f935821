package mempipe

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// Listener gives a server its ends of the connections that Dial makes. There is
// no backlog: Dial waits for Accept.
type Listener struct {
	buffer  int
	accepts chan net.Conn
	closed  chan struct{} // closed by Close
	once    sync.Once
	dialed  atomic.Int64 // gives each client a port of its own
}

var _ net.Listener = (*Listener)(nil)

// Listen makes a listener whose connections have buffers of the given size, as
// Pipe takes it. To be used inside a synctest bubble it has to be made there.
func Listen(buffer int) *Listener {
	return &Listener{buffer: buffer, accepts: make(chan net.Conn),
		closed: make(chan struct{})}
}

// Dial connects to the listener and gives the client's end. It waits for
// Accept, until ctx ends or the listener is closed (ECONNREFUSED).
func (l *Listener) Dial(ctx context.Context) (*Conn, error) {
	addr := Addr(fmt.Sprintf("192.0.2.2:%d", l.dialed.Add(1)))
	client, server := pipe(l.buffer, addr, l.addr())
	select {
	case l.accepts <- server:
		return client, nil
	case <-l.closed:
		return nil, l.opError("dial", syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, l.opError("dial", ctx.Err())
	}
}

// Accept waits for the next Dial, and fails with net.ErrClosed after Close.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepts:
		return c, nil
	case <-l.closed:
		return nil, l.opError("accept", net.ErrClosed)
	}
}

// Close ends waiting calls of Accept and Dial. Connections that were accepted
// go on. It can be called again.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is the address of the server's ends.
func (l *Listener) Addr() net.Addr { return l.addr() }

func (l *Listener) addr() Addr { return "192.0.2.1:80" }

func (l *Listener) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "mem", Addr: l.addr(), Err: err}
}
