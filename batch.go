package sockets

import (
	"errors"
	"runtime"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

var errNilPrepared = errors.New("nil *websocket.PreparedMessage")

// outgoingError is a message of the handler that cannot be sent.
type outgoingError struct{ err error }

func (e *outgoingError) Error() string { return e.err.Error() }

// sendBatch sends m and what waits behind it.
func (b *bridge[M]) sendBatch(m M) error {
	out := b.openBatch()
	return b.fillBatch(out, b.put(out, m))
}

// sendPreparedBatch sends p and what waits behind it.
func (b *bridge[M]) sendPreparedBatch(p *websocket.PreparedMessage) error {
	out := b.openBatch()
	return b.fillBatch(out, b.putPrepared(p))
}

// openBatch opens a batch on the wire, in buffers from the pool.
func (b *bridge[M]) openBatch() *buffers {
	out := writePool.Get().(*buffers)
	b.wire.openBatch(out.batch)
	return out
}

// fillBatch lets what waits join the batch while there is room, and writes it to the network. What was put before a
// message that cannot be sent is written all the same. Where more than one message waited, more are probably on their way: whoever sends them
// gets one turn of the scheduler to do so before the write. A message alone goes out at once.
func (b *bridge[M]) fillBatch(out *buffers, err error) error {
	if err == nil {
		var joined bool
		if joined, err = b.putAll(out); joined && err == nil {
			runtime.Gosched()
			_, err = b.putAll(out)
		}
	}
	return b.closeBatch(out, err)
}

// putAll puts what waits into the batch, while there is room; it reports whether there was anything.
func (b *bridge[M]) putAll(out *buffers) (joined bool, err error) {
	for more := true; more && err == nil && b.wire.roomLeft(); joined = joined || more {
		more, err = b.putWaiting(out)
	}
	return joined, err
}

// closeBatch writes the batch to the network, and returns the buffers. err is why it is complete, if that is an error.
func (b *bridge[M]) closeBatch(out *buffers, err error) error {
	if failed := b.wire.closeBatch(); failed != nil {
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
		return &outgoingError{err}
	case limit > 0 && int64(len(data)) > limit:
		return &outgoingError{ErrMessageTooBig}
	case b.kind.frameType() == websocket.TextMessage && !utf8.Valid(data):
		return &outgoingError{ErrInvalidUTF8}
	}
	b.debugf("sending a message of %d bytes", len(data))
	return b.ws.WriteMessage(b.kind.frameType(), data)
}

// putPrepared puts p as it is into the open batch.
func (b *bridge[M]) putPrepared(p *websocket.PreparedMessage) error {
	if p == nil {
		return &outgoingError{errNilPrepared}
	}
	b.logf(LogLevelDebug, "sending a prepared message")
	return b.ws.WritePreparedMessage(p)
}

// flush sends what waits in the channels now. What is sent while it writes is not waited for: it could go on for ever.
func (b *bridge[M]) flush() (err error) {
	out := b.openBatch()
	for n := len(b.sender); n > 0 && err == nil; n-- {
		err = b.put(out, <-b.sender)
	}
	for n := len(b.prepared); n > 0 && err == nil; n-- {
		err = b.putPrepared(<-b.prepared)
	}
	return b.closeBatch(out, err)
}
