package sockets

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// incomingError is a message of the peer that was read but is not acceptable.
type incomingError struct {
	code int
	err  error
}

func (e *incomingError) Error() string { return e.err.Error() }

// receive reads messages and delivers them until reading fails. While the connection rests, the reader's stack is this function, gorilla
// and the network's poller; what has large frames is called from it, and has returned.
func (b *bridge[M]) receive() error {
	for {
		frameType, r, err := b.ws.NextReader()
		if err == nil {
			err = b.take(frameType, r)
		}
		if err != nil {
			return err
		}
	}
}

// take reads and delivers one message.
func (b *bridge[M]) take(frameType int, r io.Reader) error {
	if b.isDeaf() {
		return nil
	}
	m, err := b.readMessage(frameType, r)
	if err != nil {
		return err
	}
	b.deliver(m)
	return nil
}

// readMessage reads one message, whole, into a buffer that is held for no longer than that takes.
func (b *bridge[M]) readMessage(frameType int, r io.Reader) (m M, err error) {
	buf := readPool.Get().(*buffers)
	defer buf.release(&readPool)
	buf.limited = io.LimitedReader{R: r, N: maxRead(b.config.maxMessageSize)}
	if _, err := buf.ReadFrom(&buf.limited); err != nil {
		return m, err
	}
	if buf.limited.N == 0 {
		return m, &incomingError{websocket.CloseMessageTooBig, websocket.ErrReadLimit}
	}
	data := buf.Bytes()
	b.debugf("received a message of %d bytes", len(data))
	if (frameType == websocket.TextMessage || b.kind.textOnly()) && !utf8.Valid(data) {
		return m, &incomingError{websocket.CloseInvalidFramePayloadData, ErrInvalidUTF8}
	}
	if m, err = b.kind.decode(data); err != nil {
		return m, decodeError(err)
	}
	return m, nil
}

// maxRead is one byte more than a message may have, so that reading up to it tells a message that is too big.
func maxRead(limit int64) int64 {
	if limit <= 0 || limit+1 <= 0 {
		return 1<<63 - 1
	}
	return limit + 1
}

// decodeError: what the peer sent is at fault, unless it is the program's own method that panicked.
func decodeError(err error) error {
	code := websocket.CloseInvalidFramePayloadData
	var p *panicError
	if errors.As(err, &p) {
		code = websocket.CloseInternalServerErr
	}
	return &incomingError{code, err}
}

// deliver blocks until the handler has room for m: that is the back-pressure. It drops m when the connection has ended.
func (b *bridge[M]) deliver(m M) {
	select {
	case b.receiver <- m:
		b.delivered.Add(1)
		return
	default:
	}
	b.offering.Store(true)
	select {
	case b.receiver <- m:
		b.delivered.Add(1)
	case <-b.deaf:
	}
	b.offering.Store(false)
}

// stopReading reports why reading has failed, and waits until the network connection can be closed.
func (b *bridge[M]) stopReading(err error) {
	e := b.readEnding(err)
	b.endings.report(e)
	b.read.Store(true)
	if e.gone() {
		return
	}
	// Whether the peer's close frame may be the answer to ours: then the peer sends nothing any more, and has read everything.
	answer := e.by == byPeer && b.closing.Load()
	// What is still written goes out first, the answer to the peer's close frame above all; from then on this is lingering.
	<-b.written
	if e.by == byReader {
		answer = b.discard()
	}
	// A peer that has closed first still answers pings until it sees our close frame (RFC 6455, 5.5.2); unread they would cause a reset.
	if !answer {
		b.wire.drain()
	}
}

// discard reads on after an error, until the peer is gone, or for some seconds: a network connection that is closed with data
// unread is reset, and a reset overtakes the close frame that says why. It reports whether the peer's close frame was read; where frames
// cannot be told from one another any more, gorilla says so at once.
func (b *bridge[M]) discard() bool {
	for {
		if _, _, err := b.ws.NextReader(); err != nil {
			return closeFrame(err) != nil
		}
	}
}

// closeFrame is the peer's close frame, if that is what reading ended with. A frame cannot hold 1006: gorilla makes such an error
// of the end of the stream.
func closeFrame(err error) *websocket.CloseError {
	var frame *websocket.CloseError
	if errors.As(err, &frame) && frame.Code != websocket.CloseAbnormalClosure {
		return frame
	}
	return nil
}

func (b *bridge[M]) isDeaf() bool {
	select {
	case <-b.deaf:
		return true
	default:
		return false
	}
}

// handleControlFrames replaces gorilla's own handlers, which would write in the middle of what is being sent. It is called before the
// reader starts: what is allocated there makes its stack grow, for as long as the connection lives.
func (b *bridge[M]) handleControlFrames() {
	b.ws.SetPingHandler(b.onPing)
	b.ws.SetPongHandler(b.onPong)
	// The reader reports the close frame, and the writer answers it.
	b.ws.SetCloseHandler(func(int, string) error { return nil })
}

// onPing leaves the answer to the writer. A newer ping replaces one that is unanswered (RFC 6455, 5.5.3), so a
// client that only pings cannot make the library hold more than one.
func (b *bridge[M]) onPing(payload string) error {
	b.debugf("received a ping of %d bytes", len(payload))
	b.pinged.Store(&payload)
	b.wakeWriter()
	return nil
}

func (b *bridge[M]) onPong(payload string) error {
	b.debugf("received a pong of %d bytes", len(payload))
	return nil
}

// readEnding is what the failure of reading means for the connection.
func (b *bridge[M]) readEnding(err error) *ending {
	var payload *incomingError
	switch frame := closeFrame(err); {
	case frame != nil:
		return peerEnding(frame)
	case errors.As(err, &payload):
		return messageEnding(byReader, payload.code, fmt.Errorf("sockets: receiving: %w", payload.err))
	case errors.Is(err, websocket.ErrReadLimit):
		// Gorilla's own, for fragments whose lengths add up to more than an int64 holds.
		return messageEnding(byReader, websocket.CloseMessageTooBig, fmt.Errorf("sockets: receiving: %w", err))
	case b.wire.readErr == nil:
		// The network is well: it was gorilla or the frame check that refused what came.
		return messageEnding(byReader, websocket.CloseProtocolError, fmt.Errorf("sockets: receiving: %w", err))
	}
	// The network's own word: gorilla changes some of its errors.
	err = b.wire.readErr
	if isTimeout(err) {
		err = fmt.Errorf("nothing received for %v: %w", b.config.pongWait, err)
	}
	return networkEnding(byReader, err)
}
