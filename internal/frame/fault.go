package frame

import (
	"errors"
	"fmt"

	"github.com/gorilla/websocket"
)

// ErrInvalidUTF8 means that a text is not UTF-8 (RFC 6455, 8.1).
var ErrInvalidUTF8 = errors.New("sockets: text is not valid UTF-8")

// Fault is a mistake of the peer.
type Fault struct {
	Code   int    // for the close frame
	Reason string // for the close frame: what helps the author of a page
	Err    error
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap returns Err.
func (f *Fault) Unwrap() error { return f.Err }

func violation(what string) error {
	return &Fault{websocket.CloseProtocolError, "", errors.New("protocol error: " + what)}
}

func tooBig(limit int64) error {
	return &Fault{websocket.CloseMessageTooBig,
		fmt.Sprintf("the message is larger than %d bytes", limit),
		fmt.Errorf("%w: MaxMessageSize is %d bytes", websocket.ErrReadLimit, limit)}
}

func invalidUTF8() error {
	return &Fault{websocket.CloseInvalidFramePayloadData, "the text is not UTF-8",
		ErrInvalidUTF8}
}
