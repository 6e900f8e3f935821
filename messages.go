package sockets

import (
	"bytes"
	"unsafe"

	"github.com/gorilla/websocket"
)

// textKind: strings in text frames.
type textKind struct{}

func (textKind) frameType() int { return websocket.TextMessage }

func (textKind) textOnly() bool { return true }

func (textKind) borrows() bool { return false }

func (textKind) channels(receive, send int) pair[string] {
	return directed(make(chan string, receive), make(chan string, send))
}

// decode makes a string of data without a copy where it can: a large message is
// read into memory of its own, which nobody else uses.
func (textKind) decode(data []byte, owned bool) (string, error) {
	if owned {
		return unsafe.String(unsafe.SliceData(data), len(data)), nil
	}
	return string(data), nil
}

// encoder sends the bytes of the string itself. Nobody writes to a payload.
func (textKind) encoder(send func([]byte) error) func(string) error {
	return func(m string) error {
		return send(unsafe.Slice(unsafe.StringData(m), len(m)))
	}
}

// bytesKind: byte slices in binary frames.
type bytesKind struct{}

func (bytesKind) frameType() int { return websocket.BinaryMessage }

func (bytesKind) textOnly() bool { return false }

func (bytesKind) borrows() bool { return false }

func (bytesKind) channels(receive, send int) pair[[]byte] {
	return directed(make(chan []byte, receive), make(chan []byte, send))
}

// decode returns an empty slice for an empty message, never nil.
func (bytesKind) decode(data []byte, owned bool) ([]byte, error) {
	switch {
	case owned:
		return data, nil
	case len(data) == 0:
		return []byte{}, nil
	}
	return bytes.Clone(data), nil
}

func (bytesKind) encoder(send func([]byte) error) func([]byte) error { return send }
