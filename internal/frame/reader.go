// Package frame reads the messages of a websocket client: frames, masks,
// fragments, permessage-deflate and UTF-8 (RFC 6455, section 5, and RFC 7692).
// It stops at a broken rule as soon as the bytes show it. It writes nothing.
package frame

import (
	"bufio"
	"math"

	"github.com/gorilla/websocket"
)

// Options set what a Reader accepts and how it stores messages.
type Options struct {
	Limit    int64 // of a message after decompression, in bytes; 0 means none
	Inflate  bool  // permessage-deflate was agreed on
	TextOnly bool  // binary messages must be UTF-8 too
	Borrow   bool  // messages are not kept, so large ones may use pooled memory

	// OnControl is called for each ping and pong. It must not keep the payload.
	OnControl func(opcode byte, payload []byte)
}

// Reader reads from one connection, in one goroutine.
type Reader struct {
	options Options
	in      input
	head    header // of the current frame
	left    int64  // the unread part of its payload
	closed  bool   // a close frame was read
	message message
}

// Message is a complete message of a peer.
type Message struct {
	// Data is valid until the next method call on the Reader, or for ever if Owned.
	Data  []byte
	Owned bool
}

// NewReader returns a Reader of in, which comes from NewBuffer.
func NewReader(in *bufio.Reader, o Options) *Reader {
	return &Reader{options: o, in: input{Reader: in}}
}

// Next blocks until the next message is complete. It returns a *websocket.CloseError
// for the peer's close frame, a *Fault for a mistake of the peer, and otherwise the
// network's error. After an error, call only Drain, Settled or Release.
func (r *Reader) Next() (Message, error) {
	r.message = message{most: math.MaxInt}
	if limit := r.options.Limit; limit > 0 {
		r.message.most = int(min(limit, math.MaxInt))
	}
	if err := r.begin(); err != nil {
		return Message{}, err
	}
	switch {
	case r.message.compressed:
		return r.result(r.inflate())
	case r.head.fin && r.left <= int64(r.in.Buffered()):
		r.message.data = r.piece(int(r.left))
		return r.result(r.check())
	}
	return r.result(r.assemble())
}

// Release returns the memory of the last message. While the Reader waits for
// the next one, it then holds nothing but its buffer.
func (r *Reader) Release() { r.message.release() }

// Settled reports whether a close frame was read, and nothing after it.
func (r *Reader) Settled() bool { return r.closed && r.in.Buffered() == 0 }

// result completes a message that was read to its end or to an error.
func (r *Reader) result(err error) (Message, error) {
	m := &r.message
	if err == nil && m.text && m.checked < len(m.data) {
		err = invalidUTF8() // the end of the message cuts off a rune
	}
	if err != nil {
		m.release()
		return Message{}, err
	}
	return Message{Data: m.data, Owned: m.owned}, nil
}

// begin reads up to the payload of a message's first frame.
func (r *Reader) begin() error {
	if err := r.nextData(); err != nil {
		return err
	}
	if r.head.opcode == opContinuation {
		return violation("continuation of no message") // RFC 6455, 5.4
	}
	r.message.text = r.options.TextOnly || r.head.opcode == websocket.TextMessage
	r.message.compressed = r.head.rsv1
	return r.admit()
}

// proceed reads up to the payload of the next frame of a fragmented message.
func (r *Reader) proceed() error {
	if err := r.nextData(); err != nil {
		return err
	}
	switch {
	case r.head.opcode != opContinuation:
		return violation("new message before the end of the last") // RFC 6455, 5.4
	case r.head.rsv1:
		return violation("RSV1 on a continuation") // RFC 7692, 6
	}
	return r.admit()
}

// nextData reads the header of the next data frame, and handles the control
// frames before it.
func (r *Reader) nextData() error {
	for {
		if err := r.readHeader(); err != nil {
			return err
		}
		if !r.head.isControl() {
			return nil
		}
		if err := r.takeControl(); err != nil {
			return err
		}
	}
}

// takeControl reads a control frame, which always fits into the buffer.
func (r *Reader) takeControl() error {
	if err := r.in.need(int(r.left)); err != nil {
		return err
	}
	payload := r.piece(int(r.left))
	if r.head.opcode == websocket.CloseMessage {
		r.closed = true
		return closeError(payload)
	}
	r.options.OnControl(r.head.opcode, payload)
	return nil
}

// piece takes the next n bytes of the payload from the buffer and unmasks them
// in place.
func (r *Reader) piece(n int) []byte {
	p := r.in.take(n)
	r.unmask(p)
	return p
}

// unmask unmasks p, which was read from the current frame.
func (r *Reader) unmask(p []byte) {
	r.head.key = xor(p, r.head.key)
	r.left -= int64(len(p))
}

// Drain reads and drops everything until the stream ends or fails.
func (r *Reader) Drain() {
	for r.in.need(1) == nil {
		r.in.take(r.in.Buffered())
	}
}
