package sockets

import (
	"context"
	"net"
	"sync"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/internal/frame"
	"github.com/beatrichartz/martini-sockets/internal/wire"
)

// Connection is the websocket connection that a handler serves. It is injected
// beside the channels, for what channels cannot say. It may be kept after the
// end. Its methods are safe for concurrent use, and never block.
type Connection struct {
	remote      net.Addr
	subprotocol string
	ctx         context.Context // cancelled at the end
	closed      atomic.Bool     // by Close
	endings     chan<- *ending
}

// RemoteAddr is the peer's address on the network; behind a proxy, the proxy's.
func (c *Connection) RemoteAddr() net.Addr { return c.remote }

// Subprotocol is the one that was agreed on, from Options.Upgrader's; empty if
// none was.
func (c *Connection) Subprotocol() string { return c.subprotocol }

// Close ends the connection as a code sent on disconnect does, with a reason
// for the peer: what the handler had sent before goes out first, and the codes
// that may not be sent are treated the same. The reason is cut to 123 bytes.
// Close does not wait for the end; done tells of it. It returns net.ErrClosed
// when the connection has ended or was closed by an earlier call.
func (c *Connection) Close(code int, reason string) error {
	if c.ctx.Err() != nil || c.closed.Swap(true) {
		return net.ErrClosed
	}
	report(c.endings, codeEnding(code, reason))
	return nil
}

// session is what the three goroutines of a connection share.
type session struct {
	config *config
	wire   *wire.Conn
	member *member
	remote string // for the log
	control
	delivery
	life
}

// bridge joins a network connection to the channels of a handler.
// CONTRIBUTING.md draws it.
type bridge[M any] struct {
	session
	pair[M]
	prepared   chan *Prepared
	disconnect chan int
	connection *Connection
	reader     reader[M]
	writer     writer[M]
	closer     closer[M]
	running    sync.WaitGroup
}

// newBridge makes the connection that an upgrade has opened. request is the
// request's context; its end ends the connection.
func newBridge[M any](
	request context.Context, k kind[M], c *config, up *upgrade, m *member,
) *bridge[M] {
	b := &bridge[M]{
		session: session{config: c, wire: up.wire, member: m, remote: up.remote,
			life: newLife()},
		pair:       k.channels(c.recvBuffer, c.sendBuffer),
		prepared:   make(chan *Prepared, c.sendBuffer),
		disconnect: make(chan int, 1),
	}
	b.wake = make(chan struct{}, 1)
	// The closer waits for the request's context; a context that waits for it
	// as well costs four allocations.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(request))
	b.connection = &Connection{remote: up.ws.RemoteAddr(),
		subprotocol: up.ws.Subprotocol(), ctx: ctx, endings: b.endings}
	b.reader = reader[M]{session: &b.session, kind: k, receiver: b.receiver}
	b.reader.frames = frame.NewReader(up.in, frame.Options{
		Limit:    c.maxMessageSize,
		Inflate:  up.compressed,
		TextOnly: k.textOnly(),
		Borrow:   k.borrows(),
		Control:  b.reader.onControl,
	})
	b.writer = writer[M]{session: &b.session, ws: up.ws, frameType: k.frameType(),
		sender: b.sender, prepared: b.prepared, disconnect: b.disconnect}
	b.writer.encode = k.encoder(b.writer.write)
	b.closer = closer[M]{session: &b.session, receiver: b.receiver,
		disconnect: b.disconnect,
		done:       make(chan bool, 1), errors: make(chan error, 1), request: request,
		cancel: cancel}
	return b
}

// start starts the three goroutines of a connection; stop waits for them.
func (b *bridge[M]) start() {
	b.logf(LogLevelInfo, "connected")
	b.member.upgraded(b)
	b.running.Add(3)
	go b.keep(&b.reader)
	go b.keep(&b.writer)
	go b.keep(&b.closer)
}

// keep runs one of the three to its end. Where a message's method ends the goroutine,
// by runtime.Goexit, another takes over: run knows from guard what has happened.
func (b *bridge[M]) keep(one interface{ run() }) {
	ended := false
	defer func() {
		if !ended {
			go b.keep(one)
			return
		}
		b.running.Done()
	}()
	one.run()
	ended = true
}

// shut ends the connection for its group, and never blocks.
func (b *bridge[M]) shut() { report(b.endings, groupEnding()) }

// drop takes the network connection away from it, and never blocks.
func (b *bridge[M]) drop() { b.wire.Abort() }

// stop is called when the handler has returned, or panicked with an error. It
// blocks until the close handshake is over and the goroutines have ended: as
// long as the flush and the peer's answer take, which are bounded.
func (b *bridge[M]) stop(panicked error) {
	b.panicked = panicked
	close(b.returned)
	b.running.Wait()
	// Whoever still holds the channels does not hold what is in them (contract 3.12).
	empty(b.receiver)
	empty(b.sender)
	empty(b.prepared)
}

// empty takes what a channel holds.
func empty[T any](c chan T) {
	for range len(c) {
		select {
		case <-c:
		default:
		}
	}
}
