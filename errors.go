package sockets

import (
	"errors"
	"fmt"

	"github.com/beatrichartz/martini-sockets/internal/frame"
)

// Errors that a connection ends with, beside gorilla's and the network's own:
// see "Closing and errors" in the package documentation.
var (
	// ErrMessageTooBig means that the handler sent a message over
	// Options.MaxSendSize, which is Options.MaxMessageSize by default. It was
	// not sent, and the connection was closed with 1011.
	ErrMessageTooBig = errors.New("sockets: outgoing message exceeds MaxSendSize")

	// ErrInvalidUTF8 means that a text was not valid UTF-8 (RFC 6455, 8.1).
	// From a client it closes the connection with 1007; from the handler it is
	// not sent, and closes the connection with 1011.
	ErrInvalidUTF8 = frame.ErrInvalidUTF8
)

// misuse stops a program that made a mistake in its options, when the handler
// is made (contract 1.6).
func misuse(field string, value any, reason string) {
	panic(fmt.Sprintf("sockets: %s %v: %s", field, value, reason))
}
