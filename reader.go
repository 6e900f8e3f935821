package sockets

import (
	"time"

	"github.com/beatrichartz/martini-sockets/internal/frame"
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
	from     int    // the read that brought the last message, see wire.Conn.Reads
}

// run ends after the peer's close frame, a broken rule or a failed read, and after what
// must be read then to close the network connection without a reset.
func (r *reader[M]) run() {
	e := r.receive()
	r.fresh = r.answerMayCome()
	r.report(e)
	close(r.heard)
	switch e.by {
	case byNetwork:
	case byClient:
		r.linger()
	default:
		r.drain()
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

// answerMayCome reports whether the handler got a message just now, and has sent nothing
// since. The next Read tells when it got that message: the reader went on to read right
// after it had delivered it. To look at the clock for each message would cost more.
func (r *reader[M]) answerMayCome() bool {
	if r.delivered.Load() == 0 {
		return false
	}
	after, ok := r.wire.After(r.from)
	return !ok || r.wire.Age()-after < answerWait &&
		time.Duration(r.answered.Load()) <= after
}

// take decodes and delivers one message.
func (r *reader[M]) take(in frame.Message) *programError {
	r.debug("message received", "received a message of %d bytes", len(in.Data))
	r.member.received.add(1, len(in.Data))
	if closed(r.deafened) {
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
// Once the closer has closed deafened, it drops m.
func (r *reader[M]) deliver(m M) {
	r.from = r.wire.Reads()
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
	case <-r.deafened:
	}
	r.offering.Store(false)
}

// onControl handles the peer's pings and pongs.
func (r *reader[M]) onControl(opcode byte, payload []byte) {
	if opcode == websocket.PingMessage {
		r.debug("ping received", "received a ping of %d bytes", len(payload))
		r.addPong(payload)
		return
	}
	r.debug("pong received", "received a pong of %d bytes", len(payload))
	if r.pings.Load() > 0 {
		r.pings.Add(-1)
	}
}

// linger is called after the peer's close frame. TCP should be closed at once then (RFC
// 6455, 7.1.1). But closing a network connection with unread data resets it, and a reset
// can destroy what was sent last. linger waits for the little that can still come: the
// pongs that the peer owes, and TLS's end of the stream.
func (r *reader[M]) linger() {
	<-r.written
	if r.end.hasFrame() && r.frames.Settled() && r.pings.Load() == 0 && !r.wire.Layered() {
		return
	}
	late := time.AfterFunc(quietWait, func() { r.wire.Close() })
	defer late.Stop()
	r.drain()
}

// drain drops everything until the peer ends its side. It parses nothing: after a broken
// rule not even a close frame counts (RFC 6455, 7.1.7).
func (r *reader[M]) drain() {
	r.draining.Store(true)
	r.halfClose()
	r.frames.Drain()
	<-r.written // the peer may have ended only its own side, and still reads
}

// halfClose ends this side of the stream if no close frame makes the peer end its own:
// none was sent, or the reader drains and would not see the answer. It acts after the
// writer's last write and the decision to drain. Either can come last, so both
// goroutines call it; the first call that can act does.
func (s *session) halfClose() {
	if !closed(s.written) || !s.flushed || !s.draining.Load() && s.end.hasFrame() {
		return
	}
	s.halved.Do(func() {
		if !s.wire.CloseWrite() {
			// The peer cannot see the end, so it gets only a short time.
			s.cut = time.AfterFunc(quietWait, func() { s.wire.Close() })
		}
	})
}

// readEnding turns a failed read into an ending.
func (r *reader[M]) readEnding(err error) *ending {
	switch err := err.(type) { // package frame returns both as they are
	case *websocket.CloseError:
		return clientEnding(err)
	case *frame.Fault:
		return violationEnding(err.Code, err.Reason, err.Err)
	}
	return networkEnding(err)
}

// decodeEnding turns a failed decoding into an ending. It is the peer's fault,
// unless the program's own method panicked.
func decodeEnding(failed *programError) *ending {
	if failed.panicked {
		return programEnding("receiving", failed)
	}
	return violationEnding(websocket.CloseInvalidFramePayloadData,
		"the message is not the JSON that the server expects", failed)
}
