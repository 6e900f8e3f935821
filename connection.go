package sockets

import (
	"context"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/frame"
	"github.com/beatrichartz/martini-sockets/internal/wire"
)

// Connection is the websocket connection that a handler serves. It comes with
// the channels, and does what they cannot. A handler may keep it after the
// end. Its methods are safe for concurrent use and never block.
//
// # Beginning
//
// A request becomes a connection if it is a GET, its Origin is allowed, the [Group] has
// room and is not shut down, and the handshake is correct. Otherwise the client gets 405,
// 403, 503, 429 or 400 (500 if the ResponseWriter cannot be hijacked), and no later
// handler runs, even if middleware buffers the response. A request with a body is refused
// too. Headers that earlier middleware set go out with the 101, except handshake and body
// headers.
//
// Three goroutines then serve the connection: a reader, a writer and a closer. All of
// them have exited before the request is over. In Martini, whatever is written to the
// http.ResponseWriter from now on is dropped: a handler's return values, the page that
// Martini's Recovery writes. A handler that writes is still the last of its chain.
//
// # Ending
//
// A connection ends when
//
//   - the client closes it, vanishes, is silent for PongWait, or breaks a rule: of
//     the protocol, MaxMessageSize, UTF-8 or JSON,
//   - the handler sends a code on disconnect, calls Close, closes the sender,
//     returns or panics, or a time that it gave to CloseAt is over,
//   - a write takes longer than WriteWait, or a message cannot be encoded,
//   - the request's context ends, or the [Group] is shut down.
//
// If this side ends it, everything that the handler sent before goes out first,
// within WriteWait, and then the close frame. Nothing is sent after that. The
// library discards what the client still sends until the client's close frame
// arrives, for at most five seconds, and then closes the network connection. After
// the client has broken a rule, nothing that it sends is parsed any more (RFC 6455,
// 7.1.7): the library discards it until the client ends its side.
//
// The handler first receives what the client sent before the end, and has five
// milliseconds to answer the last message before the close frame goes out. A handler
// that takes no message for a quarter of a second loses the rest. Then come the
// error, if there is one, and true on done; then both channels are closed.
// After an error, done waits until the handler has taken the error, for at most
// a quarter of a second, so that a select on both sees the error.
//
// From the end until the handler returns, what is sent on any channel is taken and
// dropped, after the first 256 values one each millisecond. So a room that still has
// the sender of a dead client does not block on it. A handler that has not returned ten
// seconds after done is logged as a Warning: most often it ranges over its receiver,
// which nobody closes.
//
// # Close codes
//
// A handler can send any code of RFC 6455, section 7.4, on disconnect. 1005
// sends a close frame without a code, and 1006 ends the stream without a close
// frame. Any other code that must not be sent is replaced by 1011, and the
// log names it. A handler that returns or closes the sender closes with 1000, or
// with the code that waits in disconnect. If a handler does several of these
// things, the first counts.
type Connection struct {
	remote      net.Addr
	subprotocol string
	ctx         context.Context // the context that is injected
	disconnect  chan int
	asked       atomic.Pointer[ending] // set by the first Close
	expiry      expiry                 // set by CloseAt
}

// closeAsked is what Close sends on the disconnect channel. What a handler asks for goes
// through one channel, so it comes in the order in which it was asked.
const closeAsked = math.MinInt

// RemoteAddr returns the peer's network address. Behind a proxy it is the proxy's.
func (c *Connection) RemoteAddr() net.Addr { return c.remote }

// Subprotocol returns the subprotocol that the handshake agreed on, one of
// Options.Upgrader's, or an empty string.
func (c *Connection) Subprotocol() string { return c.subprotocol }

// Close ends the connection with a close code and a reason for the peer. It works like
// a code sent on the disconnect channel: everything that the handler sent before goes
// out first, and codes that must not be sent are treated the same way. The reason is
// cut to 123 bytes. Close does not wait for the end; the done channel reports it. Close
// returns net.ErrClosed if the connection has ended, if Close was called before, or if a
// code was sent on the disconnect channel before: the first counts.
func (c *Connection) Close(code int, reason string) (err error) {
	if c.ctx.Err() != nil || !c.asked.CompareAndSwap(nil, codeEnding(code, reason)) {
		return net.ErrClosed
	}
	defer func() {
		if recover() != nil { // the handler has closed the disconnect channel
			err = net.ErrClosed
		}
	}()
	select {
	case c.disconnect <- closeAsked:
		return nil
	default: // a code waits in it
		return net.ErrClosed
	}
}

// CloseAt has the connection end at a time, as Close does with that code and reason: when
// a token expires, or the longest time for a connection is over. A later call takes the
// place of an earlier one, and the zero Time takes it back. A time that is past ends the
// connection now. CloseAt returns net.ErrClosed if the connection has ended, or if Close
// was called: then nothing can move it. The wait is counted from the call, so a wall
// clock that is set later changes nothing.
func (c *Connection) CloseAt(t time.Time, code int, reason string) error {
	return c.expiry.set(c, t, code, reason)
}

// ending returns what the handler asks for with a value of the disconnect channel.
func (c *Connection) ending(code int) *ending {
	if e := c.asked.Load(); e != nil && code == closeAsked {
		return e
	}
	return codeEnding(code, "")
}

// session is what the three goroutines of a connection share.
type session struct {
	config *config
	wire   *wire.Conn
	member *member
	source source // for the log
	owed
	delivery
	life
}

// bridge joins a network connection to the channels of a handler.
// CONTRIBUTING.md has a drawing of it.
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
	hint       func(panicked string) string // explains a panic; nil outside Martini
}

// newBridge makes the bridge for an upgraded connection. request is the
// request's context; the connection ends when it does.
func newBridge[M any](
	request context.Context, k kind[M], c *config, up *upgrade, m *member,
) *bridge[M] {
	b := &bridge[M]{
		session: session{config: c, wire: up.wire, member: m, source: up.source,
			life: newLife()},
		pair:       k.channels(c.recvBuffer, c.sendBuffer),
		prepared:   make(chan *Prepared, c.sendBuffer),
		disconnect: make(chan int, 1),
	}
	b.wake = make(chan struct{}, 1)
	// The closer watches the request's context itself. A child context would
	// watch it too, and cost four allocations.
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(request))
	b.connection = &Connection{remote: up.ws.RemoteAddr(),
		subprotocol: up.ws.Subprotocol(), ctx: ctx, disconnect: b.disconnect}
	b.reader = reader[M]{session: &b.session, kind: k, receiver: b.receiver}
	b.reader.frames = frame.NewReader(up.in, frame.Options{
		Limit:     c.maxMessageSize,
		Inflate:   up.compressed,
		TextOnly:  k.textOnly(),
		Borrow:    k.borrows(),
		OnControl: b.reader.onControl,
	})
	b.writer = writer[M]{session: &b.session, ws: up.ws, frameType: k.frameType(),
		sender: b.sender, prepared: b.prepared, disconnect: b.disconnect}
	b.writer.encode = k.encoder(b.writer.write)
	b.closer = closer[M]{session: &b.session, receiver: b.receiver,
		connection: b.connection,
		done:       make(chan bool, 1), errors: make(chan error, 1), request: request,
		cancel: cancel, pulse: newPulse(c)}
	return b
}

// start starts the three goroutines of a connection. stop waits for them.
func (b *bridge[M]) start() {
	b.log(LogLevelInfo, "connected", "connected")
	b.member.upgraded(b)
	b.running.Add(3)
	go b.keep(&b.reader)
	go b.keep(&b.writer)
	go b.keep(&b.closer)
}

// keep runs one of the three goroutines to its end. If a message's method ends
// the goroutine with runtime.Goexit, keep starts another in its place; guard
// has recorded for run what happened.
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

// shut ends the connection on behalf of its group. It never blocks.
func (b *bridge[M]) shut() { b.report(groupEnding()) }

// drop closes the network connection. It never blocks.
func (b *bridge[M]) drop() { b.wire.Abort() }

// stop is called when the handler has returned or panicked. It blocks until the
// close handshake is over and the three goroutines have exited. Both the flush
// and the wait for the peer's answer have a time limit.
func (b *bridge[M]) stop(panicked error) {
	b.panicked = panicked
	close(b.returned)
	b.running.Wait()
	b.closer.stopTimers()
	b.connection.expiry.over()
	// Others may still hold the channels, but not the messages in them (contract 3.12).
	empty(b.receiver)
	empty(b.sender)
	empty(b.prepared)
}

// empty takes everything out of a channel.
func empty[T any](c chan T) {
	for range len(c) {
		select {
		case <-c:
		default:
		}
	}
}
