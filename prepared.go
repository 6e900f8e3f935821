package sockets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Prepared is a message that was encoded once, for any number of connections: sent
// on the prepared channels of all of them, it is framed once, and compressed once
// where compression was agreed on. Make one with [PrepareJSON], [PrepareText] or
// [PrepareBytes]. It does not change after that, and is safe for concurrent use.
//
// Sending an empty Prepared, as new makes it, or nil ends the connection with 1011.
type Prepared struct {
	frameType int
	data      []byte
	framed    *websocket.PreparedMessage // nil: empty
}

var (
	errEmptyPrepared = errors.New("empty prepared message")
	errFullPrepared  = errors.New("sockets: the prepared message is not empty")
	errNotPrepared   = errors.New("sockets: not the bytes of a prepared message")
)

// PrepareJSON prepares the JSON of v as a text message. Its error is that of
// encoding/json, or [ErrInvalidUTF8]. It panics where a method of v does.
func PrepareJSON(v any) (*Prepared, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("sockets: preparing: %w", err)
	}
	return newPrepared(websocket.TextMessage, data)
}

// PrepareText prepares a text message. Its error is [ErrInvalidUTF8].
func PrepareText(s string) (*Prepared, error) {
	return newPrepared(websocket.TextMessage, []byte(s))
}

// PrepareBytes prepares a binary message of what b holds now.
func PrepareBytes(b []byte) *Prepared {
	p, err := newPrepared(websocket.BinaryMessage, bytes.Clone(b))
	if err != nil {
		panic(err) // only a text can be refused
	}
	return p
}

// newPrepared keeps data.
func newPrepared(frameType int, data []byte) (*Prepared, error) {
	if frameType == websocket.TextMessage && !utf8.Valid(data) {
		return nil, ErrInvalidUTF8
	}
	framed, err := websocket.NewPreparedMessage(frameType, data)
	if err != nil {
		return nil, err
	}
	return &Prepared{frameType, data, framed}, nil
}

// Len is the size of the message in bytes, as options limit it: uncompressed,
// without a frame.
func (p *Prepared) Len() int {
	if p == nil {
		return 0
	}
	return len(p.data)
}

// Bytes returns a copy of the message: what a client gets as its payload,
// uncompressed. It is nil for an empty one.
func (p *Prepared) Bytes() []byte {
	if p == nil {
		return nil
	}
	return bytes.Clone(p.data)
}

// MarshalBinary implements [encoding.BinaryMarshaler], so that package rooms
// can carry p to other processes. Its error says that p is nil or empty.
func (p *Prepared) MarshalBinary() ([]byte, error) {
	if p == nil || p.framed == nil {
		return nil, errEmptyPrepared
	}
	return append([]byte{byte(p.frameType)}, p.data...), nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. It fills an empty
// Prepared, and only that; its error says that p is not empty, or that data is
// not what MarshalBinary makes.
func (p *Prepared) UnmarshalBinary(data []byte) error {
	if p.framed != nil {
		return errFullPrepared
	}
	if len(data) == 0 || data[0] != websocket.TextMessage &&
		data[0] != websocket.BinaryMessage {
		return errNotPrepared
	}
	made, err := newPrepared(int(data[0]), bytes.Clone(data[1:]))
	if err != nil {
		return err
	}
	*p = *made
	return nil
}
