package sockets

import (
	"fmt"
	"runtime"
	"unicode/utf8"

	"github.com/beatrichartz/martini-sockets/internal/wire"
	"github.com/gorilla/websocket"
)

// writer passes messages, pings, pongs and the close frame to the network.
// Nobody else writes until it has closed written.
type writer[M any] struct {
	*session
	ws         *websocket.Conn
	frameType  int
	encode     func(M) error // encodes a message and writes it
	sender     <-chan M      // nil once the handler has closed it
	prepared   <-chan *Prepared
	disconnect <-chan int
	// the method that ended the previous goroutine, see guard
	exited string
	err    error // why no message can be written any more

	// batched counts the messages in the batch.
	batched struct{ messages, bytes int }
}

// unsendable is the error of a message that cannot be sent.
type unsendable struct{ err error }

func (e *unsendable) Error() string { return e.err.Error() }

// run ends when the handler has returned, and the close frame is out or the
// network connection is gone. After its last write it takes and drops what is
// sent, so that no send blocks.
func (w *writer[M]) run() {
	if w.exited != "" {
		w.err = &unsendable{exitError(w.exited)}
	}
	if w.err == nil {
		w.send()
	}
	if w.err != nil {
		w.report(w.writeEnding())
		w.drop(w.decided)
	}
	w.finish()
	close(w.written)
	w.halfClose()
	w.drop(w.returned)
}

// send writes what the handler sends, and control frames, until it has to
// finish or fails.
func (w *writer[M]) send() {
	for w.err == nil && !closed(w.decided) {
		select {
		case m, ok := <-w.sender:
			w.put(m, ok)
		case p, ok := <-w.prepared:
			w.putPrepared(p, ok)
		case <-w.wake:
		}
		w.gather()
		w.flush()
	}
}

// gather adds what is waiting to the batch: the control frames that are owed,
// then one message of each channel in turn. So no channel waits for the other
// longer than one batch takes.
//
// If more than one message was waiting, more are probably about to come. So
// gather yields the processor once, to let their senders run before the write.
func (w *writer[M]) gather() {
	w.putControl()
	yielded := false
	for n := 0; w.err == nil && (n == 0 || !w.wire.Full()); n++ {
		if w.putWaiting() {
			continue
		}
		if n == 0 || yielded {
			return
		}
		yielded = true
		runtime.Gosched()
	}
}

// putWaiting adds at most one message of each channel to the batch. It reports
// whether there was any.
func (w *writer[M]) putWaiting() (found bool) {
	select {
	case m, ok := <-w.sender:
		w.put(m, ok)
		found = true
	default:
	}
	select {
	case p, ok := <-w.prepared:
		w.putPrepared(p, ok)
		found = true
	default:
	}
	return found
}

// put adds m to the batch. ok is false when the handler has closed the sender.
func (w *writer[M]) put(m M, ok bool) {
	if !ok {
		w.sender = nil
		w.report(closedEnding())
		return
	}
	if w.err != nil {
		return
	}
	failed := guard("MarshalJSON", &w.exited, func() error { return w.encode(m) })
	if failed != nil && w.err == nil {
		w.err = &unsendable{failed}
	}
}

// putPrepared adds p to the batch. ok is false when the handler has closed the channel.
func (w *writer[M]) putPrepared(p *Prepared, ok bool) {
	switch {
	case !ok:
		w.prepared = nil
		w.report(closedEnding())
	case w.err != nil:
	case p == nil || p.framed == nil:
		w.err = &unsendable{errEmptyPrepared}
	case w.admit(p.data):
		w.added(p.data, w.writePrepared(p))
	}
}

func (w *writer[M]) writePrepared(p *Prepared) error {
	framed, err := p.framed()
	if err != nil {
		return &unsendable{err}
	}
	return w.ws.WritePreparedMessage(framed)
}

// write adds an encoded message to the batch.
func (w *writer[M]) write(payload []byte) error {
	if !w.admit(payload) {
		return w.err
	}
	if w.frameType == websocket.TextMessage && !utf8.Valid(payload) {
		w.err = &unsendable{ErrInvalidUTF8}
		return w.err
	}
	w.added(payload, w.ws.WriteMessage(w.frameType, payload))
	return w.err
}

// added counts a message that was added to the batch, unless err says that adding
// failed. The group counts it once the network has taken the batch.
func (w *writer[M]) added(payload []byte, err error) {
	if w.err = err; err == nil {
		w.debug("sending a message", "sending a message of %d bytes", len(payload))
		w.batched.messages++
		w.batched.bytes += len(payload)
	}
}

// admit reports whether the message is small enough to be sent.
func (w *writer[M]) admit(payload []byte) bool {
	if limit := w.config.maxSendSize; limit > 0 && int64(len(payload)) > limit {
		w.err = &unsendable{fmt.Errorf("%w of %d bytes: %d", ErrMessageTooBig, limit,
			len(payload))}
		return false
	}
	return true
}

// putControl adds the control frames that are owed to the batch. After a
// message that cannot be sent they stay owed; finish adds them.
func (w *writer[M]) putControl() {
	if w.err != nil {
		return
	}
	pongs, ping := w.owed.take()
	for _, payload := range pongs {
		w.debug("sending a pong", "sending a pong of %d bytes", len(payload))
		w.putFrame(websocket.PongMessage, payload)
	}
	if ping {
		w.pings.Add(1)
		w.log(LogLevelDebug, "sending a ping", "sending a ping")
		w.putFrame(websocket.PingMessage, nil)
	}
}

func (w *writer[M]) putFrame(opcode int, payload []byte) {
	if w.err == nil {
		w.err = w.ws.WriteMessage(opcode, payload)
	}
}

// flush writes the batch to the network, including messages that were added before
// one that cannot be sent. An error of the network replaces that message's error.
func (w *writer[M]) flush() {
	if w.batched.messages > 0 { // before Flush: the peer may read it and end at once
		w.answered.Store(int64(w.wire.Age()))
	}
	if err := w.wire.Flush(); err != nil {
		w.err = err
	} else {
		w.member.sent.add(w.batched.messages, w.batched.bytes)
	}
	w.batched.messages, w.batched.bytes = 0, 0
}

// writeEnding turns a failed write into an ending.
func (w *writer[M]) writeEnding() *ending {
	if m, ok := w.err.(*unsendable); ok {
		return unsentEnding(m.err)
	}
	err := w.err
	if wire.IsTimeout(err) {
		err = fmt.Errorf("a write took over %v: %w", w.config.writeWait, err)
	}
	return networkEnding(err)
}
