package sockets

import (
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"
)

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

// writeEnding is what the failure of a write means for the connection. It is nil where it means nothing: gorilla has
// sent a close frame for a protocol error, which the reader reports.
func (b *bridge[M]) writeEnding(err error) *ending {
	var m *outgoingError
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
	b.closing.Store(true)
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
