package sockets

import (
	"fmt"
	"runtime"
	"unicode/utf8"

	"github.com/beatrichartz/martini-sockets/internal/wire"
	"github.com/gorilla/websocket"
)

// writer brings messages, pings, pongs and the close frame to the network.
// Until it has closed written, nobody else writes.
type writer[M any] struct {
	*session
	ws         *websocket.Conn
	frameType  int
	encode     func(M) error // gives the payload to write
	sender     <-chan M      // nil when the handler has closed it
	prepared   <-chan *Prepared
	disconnect <-chan int
	// the method that has ended the goroutine before this one, see guard
	exited string
	err    error // why nothing can be written any more, or a message cannot
}

// unsendable is a message of the handler that cannot be sent.
type unsendable struct{ err error }

func (e *unsendable) Error() string { return e.err.Error() }

// run ends when the handler has returned, and the close frame is out or the
// network connection is gone; until then it takes what is sent, and drops it,
// so that nothing blocks.
func (w *writer[M]) run() {
	if w.exited != "" {
		w.err = &unsendable{exitError(w.exited)}
	}
	if w.err == nil {
		w.send()
	}
	if w.err != nil {
		report(w.endings, w.writeEnding())
		w.drop(w.flushing)
	}
	w.finish()
	close(w.written)
	w.drop(w.returned)
}

// send writes what the handler sends, and control frames, until it is to finish
// or fails.
func (w *writer[M]) send() {
	for w.err == nil && !closed(w.flushing) {
		select {
		case m, ok := <-w.sender:
			w.put(m, ok)
		case p, ok := <-w.prepared:
			w.putPrepared(p, ok)
		case <-w.control.wake:
		}
		w.gather()
		w.flush()
	}
}

// gather lets what waits join the batch: the control frames that are owed, and in
// turns one message of each channel, so that none waits for the other longer than
// one batch takes. Where more than one message waited, more are probably on their
// way: whoever sends them gets one turn of the scheduler to do so before the write.
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

// putWaiting puts at most one message of each channel into the batch; it
// reports whether there was any.
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

// put puts m into the batch. It is not ok when the handler has closed the sender.
func (w *writer[M]) put(m M, ok bool) {
	if !ok {
		w.sender = nil
		report(w.endings, closedEnding())
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

// putPrepared puts p into the batch, as it is.
func (w *writer[M]) putPrepared(p *Prepared, ok bool) {
	switch {
	case !ok:
		w.prepared = nil
		report(w.endings, closedEnding())
	case w.err != nil:
	case p == nil || p.framed == nil:
		w.err = &unsendable{errEmptyPrepared}
	case w.admit(p.data):
		w.framed(p.data, w.ws.WritePreparedMessage(p.framed))
	}
}

// write puts an encoded message into the batch.
func (w *writer[M]) write(payload []byte) error {
	if !w.admit(payload) {
		return w.err
	}
	if w.frameType == websocket.TextMessage && !utf8.Valid(payload) {
		w.err = &unsendable{ErrInvalidUTF8}
		return w.err
	}
	w.framed(payload, w.ws.WriteMessage(w.frameType, payload))
	return w.err
}

// framed counts a message that is in the batch, or on the network, unless err
// says why not.
func (w *writer[M]) framed(payload []byte, err error) {
	if w.err = err; err == nil {
		w.debugf("sending a message of %d bytes", len(payload))
		w.member.sent.add(len(payload))
	}
}

// admit refuses a message that is too big.
func (w *writer[M]) admit(payload []byte) bool {
	if limit := w.config.maxSendSize; limit > 0 && int64(len(payload)) > limit {
		w.err = &unsendable{fmt.Errorf("%w of %d bytes: %d", ErrMessageTooBig, limit,
			len(payload))}
		return false
	}
	return true
}

// putControl puts the control frames that are owed into the batch. After a
// message that cannot be sent they stay owed: finish writes them.
func (w *writer[M]) putControl() {
	if w.err != nil {
		return
	}
	pongs, ping := w.control.take()
	for _, payload := range pongs {
		w.debugf("sending a pong of %d bytes", len(payload))
		w.putFrame(websocket.PongMessage, payload)
	}
	if ping {
		w.pings.Add(1)
		w.logf(LogLevelDebug, "sending a ping")
		w.putFrame(websocket.PingMessage, nil)
	}
}

func (w *writer[M]) putFrame(opcode int, payload []byte) {
	if w.err == nil {
		w.err = w.ws.WriteMessage(opcode, payload)
	}
}

// flush writes the batch to the network, also what was put before a message that
// cannot be sent. A failure of the network is told before one of a message.
func (w *writer[M]) flush() {
	if err := w.wire.Flush(); err != nil {
		w.err = err
	}
}

// finish writes what the handler had sent before the end, and then the close frame.
func (w *writer[M]) finish() {
	if w.end.gone() {
		return
	}
	w.rest()
	if w.err != nil {
		e := w.writeEnding()
		if e.gone() {
			return
		}
		// It was sent before the end. If we end the connection, this is the reason.
		if w.end.err == nil && w.end.ours() {
			w.end = e
		} else if w.end.by != byProgram {
			w.logf(LogLevelError, "not sent: %.500q", e.err)
		}
		w.err = nil
	}
	w.putControl()
	if w.end.framed() {
		w.putFrame(websocket.CloseMessage, w.end.payload())
	}
	w.flush()
	w.flushed = w.err == nil
	if !w.end.framed() {
		// The peer learns from the end of the stream what no close frame tells it.
		w.wire.CloseWrite()
	}
}

// rest writes what waits in the channels now. What is sent meanwhile is not
// waited for: it could go on for ever.
func (w *writer[M]) rest() {
	for range len(w.sender) {
		m, ok := <-w.sender
		w.put(m, ok)
	}
	for range len(w.prepared) {
		p, ok := <-w.prepared
		w.putPrepared(p, ok)
	}
	w.flush()
}

// writeEnding is what the failure of a write means for the connection.
func (w *writer[M]) writeEnding() *ending {
	if m, ok := w.err.(*unsendable); ok {
		return programEnding("sending", m.err)
	}
	err := w.err
	if wire.IsTimeout(err) {
		err = fmt.Errorf("a write took over %v: %w", w.config.writeWait, err)
	}
	return networkEnding(err)
}

// drop takes what is sent, so that nothing blocks, and drops it, until the
// given state ends.
func (w *writer[M]) drop(until <-chan struct{}) {
	for {
		var ok bool
		select {
		case _, ok = <-w.sender:
			if !ok {
				w.sender = nil
			}
		case _, ok = <-w.prepared:
			if !ok {
				w.prepared = nil
			}
		case _, ok = <-w.disconnect:
			if !ok {
				w.disconnect = nil
			}
		case <-until:
			return
		}
	}
}
