package sockets

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Prepared is a message that is encoded once, for any number of connections. Send it
// on their prepared channels: it is framed once, and compressed once for all
// connections that agreed on compression. Make one with [PrepareJSON], [PrepareText]
// or [PrepareBytes]. It never changes, and it is safe for concurrent use.
//
// Sending nil or an empty Prepared (made with new) ends the connection with 1011.
type Prepared struct {
	frameType int
	data      []byte
	// framed frames the message when it is first sent. A message that only travels
	// to other processes is never framed. framed is nil if the message is empty.
	framed func() (*websocket.PreparedMessage, error)
	key    string
}

var (
	errEmptyPrepared = errors.New("empty prepared message")
	errFullPrepared  = errors.New("sockets: the prepared message is not empty")
	errNotPrepared   = errors.New("sockets: not the bytes of a prepared message")
)

// PrepareJSON prepares the JSON of v as a text message. It returns an error of
// encoding/json, or [ErrInvalidUTF8]. It panics if a method of v does.
func PrepareJSON(v any) (*Prepared, error) {
	var b bytes.Buffer
	if err := newEncoder(&b).Encode(v); err != nil {
		return nil, fmt.Errorf("sockets: preparing: %w", err)
	}
	return newPrepared(websocket.TextMessage, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// PrepareText prepares a text message. Its only error is [ErrInvalidUTF8].
func PrepareText(s string) (*Prepared, error) {
	return newPrepared(websocket.TextMessage, []byte(s))
}

// PrepareBytes prepares a binary message with a copy of b.
func PrepareBytes(b []byte) *Prepared {
	p, err := newPrepared(websocket.BinaryMessage, bytes.Clone(b))
	if err != nil {
		panic(err) // only a text can be refused
	}
	return p
}

// newPrepared keeps data without a copy.
func newPrepared(frameType int, data []byte) (*Prepared, error) {
	if frameType == websocket.TextMessage && !utf8.Valid(data) {
		return nil, ErrInvalidUTF8
	}
	framed := sync.OnceValues(func() (*websocket.PreparedMessage, error) {
		return websocket.NewPreparedMessage(frameType, data)
	})
	return &Prepared{frameType: frameType, data: data, framed: framed}, nil
}

// WithKey returns the same message with a key, for Options.Latest of package rooms: of the
// messages with one key, only the newest counts. No client sees the key. "" is no key.
// Of nil or an empty Prepared it returns another empty one.
func (p *Prepared) WithKey(key string) *Prepared {
	var keyed Prepared
	if p != nil {
		keyed = *p
	}
	keyed.key = key
	return &keyed
}

// Key returns the key that WithKey has set, or "".
func (p *Prepared) Key() string {
	if p == nil {
		return ""
	}
	return p.key
}

// Len returns the message's size in bytes, without compression or frame.
// Options limit this size.
func (p *Prepared) Len() int {
	if p == nil {
		return 0
	}
	return len(p.data)
}

// Bytes returns a copy of the message as a client receives it, uncompressed. It
// returns nil for an empty Prepared.
func (p *Prepared) Bytes() []byte {
	if p == nil {
		return nil
	}
	return bytes.Clone(p.data)
}

// MarshalBinary implements [encoding.BinaryMarshaler], so that package rooms
// can carry p to other processes. It returns an error if p is nil or empty.
func (p *Prepared) MarshalBinary() ([]byte, error) {
	if p == nil || p.framed == nil {
		return nil, errEmptyPrepared
	}
	if p.key == "" {
		return append([]byte{byte(p.frameType)}, p.data...), nil
	}
	data := binary.AppendUvarint([]byte{byte(p.frameType | keyFollows)}, uint64(len(p.key)))
	return append(append(data, p.key...), p.data...), nil
}

// keyFollows is set in the first byte if a key follows, after its length.
const keyFollows = 0x80

// UnmarshalBinary implements [encoding.BinaryUnmarshaler] and fills an empty Prepared.
// It returns an error if p is not empty, or if MarshalBinary did not make data.
func (p *Prepared) UnmarshalBinary(data []byte) error {
	if p.framed != nil {
		return errFullPrepared
	}
	if len(data) == 0 {
		return errNotPrepared
	}
	frameType, body, key := data[0]&^keyFollows, data[1:], ""
	if data[0]&keyFollows != 0 {
		size, n := binary.Uvarint(body)
		if n <= 0 || size == 0 || size > uint64(len(body)-n) {
			return errNotPrepared
		}
		key, body = string(body[n:n+int(size)]), body[n+int(size):]
	}
	if frameType != websocket.TextMessage && frameType != websocket.BinaryMessage {
		return errNotPrepared
	}
	made, err := newPrepared(int(frameType), bytes.Clone(body))
	if err != nil {
		return err
	}
	*p = *made
	p.key = key
	return nil
}
