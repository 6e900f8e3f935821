package sockets

import (
	"bytes"
	"unsafe"

	"github.com/gorilla/websocket"
)

// textKind is for strings in text frames.
type textKind struct{}

func (textKind) frameType() int { return websocket.TextMessage }

func (textKind) textOnly() bool { return true }

func (textKind) borrows() bool { return false }

func (textKind) channels(receive, send int) pair[string] {
	return directed(make(chan string, receive), make(chan string, send))
}

// decode makes a string of data. It does not copy data that is owned: nobody
// else uses that memory.
func (textKind) decode(data []byte, owned bool) (string, error) {
	if owned {
		return unsafe.String(unsafe.SliceData(data), len(data)), nil
	}
	return string(data), nil
}

// encoder sends the string's own bytes; nobody writes to a payload.
func (textKind) encoder(send func([]byte) error) func(string) error {
	return func(m string) error {
		return send(unsafe.Slice(unsafe.StringData(m), len(m)))
	}
}

// bytesKind is for byte slices in binary frames.
type bytesKind struct{}

func (bytesKind) frameType() int { return websocket.BinaryMessage }

func (bytesKind) textOnly() bool { return false }

func (bytesKind) borrows() bool { return false }

func (bytesKind) channels(receive, send int) pair[[]byte] {
	return directed(make(chan []byte, receive), make(chan []byte, send))
}

// decode returns an empty slice, never nil, for an empty message.
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
