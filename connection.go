package sockets

import (
	"context"
	"net"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// Connection is the websocket connection that a handler serves. It is injected beside the channels, for what channels cannot
// say. It may be kept after the end. Its methods are safe for concurrent use, and never block.
type Connection struct {
	remote      net.Addr
	subprotocol string
	ctx         context.Context // cancelled at the end
	closed      atomic.Bool     // by Close
	endings     endings
}

// RemoteAddr is the peer's address on the network; behind a proxy, the proxy's.
func (c *Connection) RemoteAddr() net.Addr { return c.remote }

// Subprotocol is the one that was agreed on, from Options.Upgrader's; empty where none was.
func (c *Connection) Subprotocol() string { return c.subprotocol }

// Close ends the connection as a code sent on disconnect does, with a reason for the peer: what the handler
// had sent before goes out first, and the codes that may not be sent are treated the same. The reason is cut to
// 123 bytes. Close does not wait for the end; done tells of it. It returns net.ErrClosed when the connection has
// ended or was closed by an earlier call.
func (c *Connection) Close(code int, reason string) error {
	if c.ctx.Err() != nil || c.closed.Swap(true) {
		return net.ErrClosed
	}
	c.endings.report(handlerEnding(code, reason))
	return nil
}

// bridge joins a network connection to the channels of a handler. Its three goroutines are below; the states that it goes
// through are in CONTRIBUTING.md.
type bridge[M any] struct {
	config *config
	kind   kind[M]
	ws     *websocket.Conn
	wire   *wire
	member *member
	remote string

	pair[M]
	prepared   chan *websocket.PreparedMessage
	done       chan bool
	disconnect chan int
	errors     chan error
	connection *Connection
	request    context.Context         // of the request; its end ends the connection
	cancel     context.CancelCauseFunc // of the injected context

	endings   endings      // from all but the closer itself
	delivered atomic.Int64 // messages put into the receiver
	offering  atomic.Bool  // the reader waits for room in the receiver

	// What the writer has to do beside sending. It is woken for all of it by one channel, because a select costs by the channel, for every
	// message.
	wake    chan struct{}          // capacity 1
	pinged  atomic.Pointer[string] // the payload of the last ping that was not answered
	pingDue atomic.Bool

	// The states are told by channels that are closed once, by whom the comment names: open, until finishing; flushing, until
	// written; told, until done is closed; lingering, beside that, until the reader has ended.
	finishing chan struct{} // closer: end is set, the writer shall flush and send the close frame
	written   chan struct{} // writer: nothing is written any more; end is final
	deaf      chan struct{} // closer: what is read from now on is dropped
	returned  chan struct{} // middleware: the handler has returned, or panicked

	end       *ending     // set by the closer before finishing, changed by the writer before written, then the closer's again
	closeSent bool        // set by the writer before written: the peer's close frame is worth waiting for
	read      atomic.Bool // set by the reader, when it has reported why: nothing is received any more
	closing   atomic.Bool // set by the writer before it sends the close frame
	panicked  bool        // set by the middleware before returned
	running   sync.WaitGroup
}

func newBridge[M any](request context.Context, k kind[M], c *config, ws *websocket.Conn, wi *wire, m *member) *bridge[M] {
	ctx, cancel := context.WithCancelCause(request)
	b := &bridge[M]{
		config:     c,
		kind:       k,
		ws:         ws,
		wire:       wi,
		member:     m,
		remote:     ws.RemoteAddr().String(),
		pair:       k.channels(c.recvBuffer, c.sendBuffer),
		prepared:   make(chan *websocket.PreparedMessage, c.sendBuffer),
		done:       make(chan bool, 1),
		disconnect: make(chan int, 1),
		errors:     make(chan error, 1),
		request:    request,
		cancel:     cancel,
		wake:       make(chan struct{}, 1),
		endings:    make(endings, 4),
		finishing:  make(chan struct{}),
		written:    make(chan struct{}),
		deaf:       make(chan struct{}),
		returned:   make(chan struct{}),
	}
	b.connection = &Connection{remote: ws.RemoteAddr(), subprotocol: ws.Subprotocol(), ctx: ctx, endings: b.endings}
	m.upgraded(func() { b.endings.report(groupEnding()) }, func() { wi.Close() })
	return b
}

// start starts the three goroutines that serve a connection; [bridge.stop] waits for them.
func (b *bridge[M]) start() {
	b.wire.upgradeDone()
	b.handleControlFrames()
	b.logf(LogLevelInfo, "connected")
	b.running.Add(3)
	go b.runReader()
	go b.runWriter()
	go b.runCloser()
}

// stop is called when the handler has returned. It blocks until the close handshake is over and the goroutines
// have ended: as long as the flush and the peer's answer take, which are bounded.
func (b *bridge[M]) stop(panicked bool) {
	b.panicked = panicked
	close(b.returned)
	b.running.Wait()
	// Whoever still holds the channels does not hold what is in them (contract 3.12).
	empty(b.receiver)
	empty(b.sender)
	empty(b.prepared)
}

// runReader brings messages to the receiver, and closes the network connection in the end. It ends when the peer's close frame
// was read and answered, or when the network connection has failed or was closed; at the latest some seconds after our close frame.
func (b *bridge[M]) runReader() {
	// Nothing is deferred: that would make the frame larger, see receive.
	b.stopReading(b.receive())
	b.wire.Close()
	b.running.Done()
}

// runWriter brings messages, pings and the close frame to the network. It ends when the closer has told it to finish and
// the handler has returned; until then it takes what is sent, and drops it, so that nothing blocks.
func (b *bridge[M]) runWriter() {
	defer b.running.Done()
	err := b.send()
	if err != nil {
		if e := b.writeEnding(err); e != nil {
			b.endings.report(e)
		}
		b.drop(b.finishing)
	}
	b.finish(err)
	close(b.written)
	b.drop(b.returned)
}

// runCloser has the writer ping until there is a reason to end, and ends the connection over that. It ends when it has closed
// done and errors; all that it waits for after the reason is bounded.
func (b *bridge[M]) runCloser() {
	defer b.running.Done()
	b.conclude(b.allowed(b.await()))
	b.tell()
}

// wakeWriter makes the writer look for what it has to do beside sending.
func (b *bridge[M]) wakeWriter() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
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
