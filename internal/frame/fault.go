package frame

import (
	"errors"

	"github.com/gorilla/websocket"
)

// ErrInvalidUTF8 means that a text is not UTF-8 (RFC 6455, 8.1).
var ErrInvalidUTF8 = errors.New("sockets: text is not valid UTF-8")

// Fault is a mistake of the peer.
type Fault struct {
	Code int // for the close frame
	Err  error
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap returns Err.
func (f *Fault) Unwrap() error { return f.Err }

func violation(what string) error {
	return &Fault{websocket.CloseProtocolError, errors.New("protocol error: " + what)}
}

func tooBig() error {
	return &Fault{websocket.CloseMessageTooBig, websocket.ErrReadLimit}
}

func invalidUTF8() error {
	return &Fault{websocket.CloseInvalidFramePayloadData, ErrInvalidUTF8}
}
