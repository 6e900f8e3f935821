package frame

import (
	"errors"

	"github.com/gorilla/websocket"
)

// ErrInvalidUTF8 is the fault of a text that is not UTF-8 (RFC 6455, 8.1).
var ErrInvalidUTF8 = errors.New("sockets: text is not valid UTF-8")

// Fault is something that the peer should not have sent.
type Fault struct {
	Code int // of the close frame that it calls for
	Err  error
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap returns Err.
func (f *Fault) Unwrap() error { return f.Err }

func violation(what string) error {
	return &Fault{websocket.CloseProtocolError, errors.New("protocol error: " + what)}
}

func tooBig() error {
	return &Fault{websocket.CloseMessageTooBig,
		websocket.ErrReadLimit}
}

func invalidUTF8() error {
	return &Fault{websocket.CloseInvalidFramePayloadData,
		ErrInvalidUTF8}
}
