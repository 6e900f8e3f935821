package sockets

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

var errNilPrepared = errors.New("sockets: nil *websocket.PreparedMessage")

// messageError is a message of the handler that cannot be sent.
type messageError struct{ err error }

func (e *messageError) Error() string { return e.err.Error() }

// send writes what the handler sends, and control frames, until it is told to finish; then it returns nil. What waits when a
// message is taken goes out with it, in one write; a message that is alone goes out at once.
func (b *bridge[M]) send() (err error) {
	sender, prepared := b.sender, b.prepared
	for err == nil {
		select {
		case m, ok := <-sender:
			if ok {
				err = b.sendBatch(m)
			} else {
				sender = nil
				b.endings.report(impliedEnding())
			}
		case p, ok := <-prepared:
			if ok {
				err = b.sendPreparedBatch(p)
			} else {
				prepared = nil
				b.endings.report(impliedEnding())
			}
		case <-b.wake:
			select {
			case <-b.finishing:
				return nil
			default:
				err = b.sendControl()
			}
		}
	}
	return err
}

// sendControl answers the peer's last ping, and pings, where either is due.
func (b *bridge[M]) sendControl() error {
	if payload := b.pinged.Swap(nil); payload != nil {
		b.logf(LogLevelDebug, "sending a pong of %d bytes", len(*payload))
		if err := b.ws.WriteControl(websocket.PongMessage, []byte(*payload), time.Time{}); err != nil {
			return err
		}
	}
	if b.pingDue.Swap(false) {
		b.logf(LogLevelDebug, "sending a ping")
		return b.ws.WriteControl(websocket.PingMessage, nil, time.Time{})
	}
	return nil
}

// sendBatch sends m and what waits behind it.
func (b *bridge[M]) sendBatch(m M) error {
	out := b.begin()
	return b.endBatch(out, b.put(out, m))
}

// sendPreparedBatch sends p and what waits behind it.
func (b *bridge[M]) sendPreparedBatch(p *websocket.PreparedMessage) error {
	out := b.begin()
	return b.endBatch(out, b.putPrepared(p))
}

func (b *bridge[M]) begin() *buffers {
	out := writePool.Get().(*buffers)
	b.wire.begin(out.batch)
	return out
}

// endBatch lets what waits join the batch while there is room, and writes it to the network. What was put before a
// message that cannot be sent is written all the same. Where more than one message waited, more are probably on their way: whoever sends them
// gets one turn of the scheduler to do so before the write. A message alone goes out at once.
func (b *bridge[M]) endBatch(out *buffers, err error) error {
	if err == nil {
		var joined bool
		if joined, err = b.putAll(out); joined && err == nil {
			runtime.Gosched()
			_, err = b.putAll(out)
		}
	}
	return b.endWrite(out, err)
}

// putAll puts what waits into the batch, while there is room; it reports whether there was anything.
func (b *bridge[M]) putAll(out *buffers) (joined bool, err error) {
	for more := true; more && err == nil && b.wire.roomLeft(); joined = joined || more {
		more, err = b.putWaiting(out)
	}
	return joined, err
}

func (b *bridge[M]) endWrite(out *buffers, err error) error {
	if failed := b.wire.end(); failed != nil {
		err = failed
	}
	out.release(&writePool)
	return err
}

// putWaiting puts one message that waits into the batch; it reports whether there was one. It sees a channel that was closed
// as an empty one: [bridge.send] is the one to notice.
func (b *bridge[M]) putWaiting(out *buffers) (bool, error) {
	select {
	case m, ok := <-b.sender:
		if ok {
			return true, b.put(out, m)
		}
	default:
	}
	select {
	case p, ok := <-b.prepared:
		if ok {
			return true, b.putPrepared(p)
		}
	default:
	}
	return false, nil
}

// put encodes m into the open batch.
func (b *bridge[M]) put(out *buffers, m M) error {
	data, err := b.kind.encode(out, m)
	switch limit := b.config.maxMessageSize; {
	case err != nil:
		return &messageError{err}
	case limit > 0 && int64(len(data)) > limit:
		return &messageError{ErrMessageTooBig}
	case b.kind.frameType() == websocket.TextMessage && !utf8.Valid(data):
		return &messageError{ErrInvalidUTF8}
	}
	b.debugf("sending a message of %d bytes", len(data))
	return b.ws.WriteMessage(b.kind.frameType(), data)
}

// putPrepared puts p as it is into the open batch.
func (b *bridge[M]) putPrepared(p *websocket.PreparedMessage) error {
	if p == nil {
		return &messageError{errNilPrepared}
	}
	b.logf(LogLevelDebug, "sending a prepared message")
	return b.ws.WritePreparedMessage(p)
}

// writeEnding is what the failure of a write means for the connection. It is nil where it means nothing: gorilla has
// sent a close frame for a protocol error, which the reader reports.
func (b *bridge[M]) writeEnding(err error) *ending {
	var m *messageError
	switch {
	case errors.Is(err, websocket.ErrCloseSent):
		return nil
	case errors.As(err, &m):
		return messageEnding(byWriter, websocket.CloseInternalServerErr, fmt.Errorf("sockets: sending: %w", m.err))
	case isTimeout(err):
		err = fmt.Errorf("a write took over %v: %w", b.config.writeWait, err)
	}
	return networkEnding(byWriter, err)
}

// finish writes what the handler had sent before the end, and then the close frame. failed is what send returned.
func (b *bridge[M]) finish(failed error) {
	if b.end.gone() {
		return
	}
	if failed == nil {
		failed = b.flush()
	}
	if failed != nil && !b.finishAfter(failed) {
		return
	}
	if b.end.code == websocket.CloseAbnormalClosure {
		return
	}
	payload := closePayload(b.end.code, b.end.reason)
	b.closeSent = b.ws.WriteControl(websocket.CloseMessage, payload, time.Time{}) == nil
}

// finishAfter reports whether a close frame can be sent after failed. A message that cannot be sent, and was sent before the end, is
// the reason of the end where that was a regular one.
func (b *bridge[M]) finishAfter(failed error) bool {
	e := b.writeEnding(failed)
	switch {
	case e == nil:
		b.closeSent = true
		return false
	case !e.gone():
		if b.end.err == nil {
			b.end = e
		}
		return true
	case b.end.ours():
		b.logf(LogLevelWarning, "closing: what was sent last may not have arrived: %q", e.err)
	}
	return false
}

// flush sends what waits in the channels now. What is sent while it writes is not waited for: it could go on for ever.
func (b *bridge[M]) flush() (err error) {
	out := b.begin()
	for n := len(b.sender) + len(b.prepared); n > 0 && err == nil; n-- {
		_, err = b.putWaiting(out)
	}
	return b.endWrite(out, err)
}

// drop takes what is sent, so that nothing blocks, and drops it, until the given channel is closed.
func (b *bridge[M]) drop(until <-chan struct{}) {
	sender, prepared, disconnect := b.sender, b.prepared, b.disconnect
	for {
		var ok bool
		select {
		case _, ok = <-sender:
			if !ok {
				sender = nil
			}
		case _, ok = <-prepared:
			if !ok {
				prepared = nil
			}
		case _, ok = <-disconnect:
			if !ok {
				disconnect = nil
			}
		case <-until:
			return
		}
	}
}
