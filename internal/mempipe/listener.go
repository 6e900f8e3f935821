package mempipe

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
)

// Listener accepts the connections that Dial makes. It has no backlog: Dial
// waits for Accept.
type Listener struct {
	buffer  int
	accepts chan net.Conn
	closed  chan struct{} // closed by Close
	once    sync.Once
	dialed  atomic.Int64 // gives each client its own port
}

var _ net.Listener = (*Listener)(nil)

// Listen makes a listener whose connections have buffers of the given size; see
// Pipe. A listener for a synctest bubble must be made inside it.
func Listen(buffer int) *Listener {
	return &Listener{buffer: buffer, accepts: make(chan net.Conn),
		closed: make(chan struct{})}
}

// Dial connects to the listener and returns the client's end. It waits for
// Accept, until ctx ends, or until the listener is closed (ECONNREFUSED).
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

// Accept waits for the next Dial. After Close it fails with net.ErrClosed.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepts:
		return c, nil
	case <-l.closed:
		return nil, l.opError("accept", net.ErrClosed)
	}
}

// Close ends pending calls of Accept and Dial. Accepted connections stay open.
// Close can be called again.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr returns the address of the server's ends.
func (l *Listener) Addr() net.Addr { return l.addr() }

func (l *Listener) addr() Addr { return "192.0.2.1:80" }

func (l *Listener) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "mem", Addr: l.addr(), Err: err}
}
