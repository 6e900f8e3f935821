package sockets

import (
	"errors"
	"fmt"

	"github.com/beatrichartz/martini-sockets/internal/frame"
	"github.com/beatrichartz/martini-sockets/internal/wire"
	"github.com/gorilla/websocket"
)

// reader passes messages from the network to the receiver, and closes the network
// connection at the end. It writes nothing before the writer has finished.
type reader[M any] struct {
	*session
	kind     kind[M]
	receiver chan<- M
	frames   *frame.Reader
	exited   string // the method that ended the previous goroutine, see guard
}

// run ends after it has read the peer's close frame, or reading has failed, and
// after linger.
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

// deliver blocks until the receiver has room for m: that is the back-pressure.
// Once the closer has closed deaf, it drops m.
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

// onControl handles the peer's pings and pongs.
func (r *reader[M]) onControl(opcode byte, payload []byte) {
	if opcode == websocket.PingMessage {
		r.debugf("received a ping of %d bytes", len(payload))
		r.addPong(payload)
		return
	}
	r.debugf("received a pong of %d bytes", len(payload))
	if r.pings.Load() > 0 {
		r.pings.Add(-1)
	}
}

// linger reads on after the close frame was sent and drops what it reads.
// Closing a network connection with unread data resets it, and a reset can
// destroy what was sent last.
//
// After the peer's close frame little can come: the pongs that it still owes,
// and TLS's end of the stream if the peer closed first. linger waits for those.
// The closer limits the time.
func (r *reader[M]) linger() {
	<-r.written
	if r.end.hasFrame() {
		if r.frames.Discard() != nil {
			return
		}
		if r.frames.Settled() && r.pings.Load() == 0 &&
			!(r.wire.Layered() && r.end.by == byClient) {
			return
		}
	}
	// The writer has finished, so the reader may write TLS's end of the stream.
	r.wire.CloseWrite()
	r.frames.Drain()
}

// readEnding turns a failed read into an ending.
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

// decodeEnding turns a failed decoding into an ending. It is the peer's fault,
// unless the program's own method panicked.
func decodeEnding(failed *programError) *ending {
	if failed.panicked {
		return programEnding("receiving", failed)
	}
	return violationEnding(websocket.CloseInvalidFramePayloadData, failed)
}
