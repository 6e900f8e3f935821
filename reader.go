package sockets

import (
	"errors"
	"fmt"

	"github.com/beatrichartz/martini-sockets/internal/frame"
	"github.com/beatrichartz/martini-sockets/internal/wire"
	"github.com/gorilla/websocket"
)

// reader brings messages from the network to the receiver, and closes the network
// connection in the end. It writes nothing before the writer has finished.
type reader[M any] struct {
	*session
	kind     kind[M]
	receiver chan<- M
	frames   *frame.Reader
	exited   string // the method that has ended the goroutine before this one, see guard
}

// run ends when the peer's close frame was read, or reading has failed, and
// lingering is over.
func (r *reader[M]) run() {
	e := r.receive()
	report(r.endings, e)
	close(r.ended)
	if !e.gone() {
		r.linger()
	}
	r.wire.Close()
}

// receive reads and delivers messages until there is a reason to end.
func (r *reader[M]) receive() *ending {
	if r.exited != "" {
		return decodeEnding(exitError(r.exited))
	}
	for {
		m, err := r.frames.Next()
		if err != nil {
			return r.readEnding(err)
		}
		if failed := r.take(m); failed != nil {
			return decodeEnding(failed)
		}
	}
}

// take decodes and delivers one message.
func (r *reader[M]) take(in frame.Message) *programError {
	r.debugf("received a message of %d bytes", len(in.Data))
	r.member.received.add(len(in.Data))
	if closed(r.deaf) {
		r.frames.Release()
		return nil
	}
	var m M
	failed := guard("UnmarshalJSON", &r.exited, func() (err error) {
		m, err = r.kind.decode(in.Data, in.Owned)
		return err
	})
	r.frames.Release()
	if failed == nil {
		r.deliver(m)
	}
	return failed
}

// deliver blocks until the handler has room for m: that is the back-pressure.
// It drops m when nobody takes messages any more.
func (r *reader[M]) deliver(m M) {
	select {
	case r.receiver <- m:
		r.delivered.Add(1)
		return
	default:
	}
	r.offering.Store(true)
	select {
	case r.receiver <- m:
		r.delivered.Add(1)
	case <-r.deaf:
	}
	r.offering.Store(false)
}

// onControl takes the pings and pongs of the peer.
func (r *reader[M]) onControl(opcode byte, payload []byte) {
	if opcode == websocket.PingMessage {
		r.debugf("received a ping of %d bytes", len(payload))
		r.control.owePong(payload)
		return
	}
	r.debugf("received a pong of %d bytes", len(payload))
	if r.pings.Load() > 0 {
		r.pings.Add(-1)
	}
}

// linger reads on after the close frame was sent, and drops what comes: a
// network connection that is closed with data unread is reset, and a reset
// overtakes what was sent last. A peer that has answered our close frame has
// read all that was sent, and so has one that owes no pong and says nothing
// more below the websocket, as TLS does. The closer bounds the time.
func (r *reader[M]) linger() {
	<-r.written
	if r.end.framed() {
		if r.frames.Discard() != nil {
			return
		}
		if r.frames.Settled() && r.pings.Load() == 0 &&
			!(r.wire.Layered() && r.end.by == byClient) {
			return
		}
	}
	// The writer has finished, so this may write what TLS says at the end of a stream.
	r.wire.CloseWrite()
	r.frames.Drain()
}

// readEnding is what the failure of reading means for the connection.
func (r *reader[M]) readEnding(err error) *ending {
	var said *websocket.CloseError
	var fault *frame.Fault
	switch {
	case errors.As(err, &said):
		return clientEnding(said)
	case errors.As(err, &fault):
		return violationEnding(fault.Code, fault.Err)
	}
	if wire.IsTimeout(err) {
		err = fmt.Errorf("nothing received for %v: %w", r.config.pongWait, err)
	}
	return networkEnding(err)
}

// decodeEnding: what the peer sent is at fault, unless it is the program's own
// method that panicked.
func decodeEnding(failed *programError) *ending {
	if failed.panicked {
		return programEnding("receiving", failed)
	}
	return violationEnding(websocket.CloseInvalidFramePayloadData, failed)
}
