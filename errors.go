package sockets

import (
	"errors"
	"fmt"

	"github.com/beatrichartz/martini-sockets/internal/frame"
)

// Errors with which a connection can end.
//
// A regular end gives no error: the client closed with 1000, 1001 or no code, the
// handler ended the connection, or the server shut down. Any other end gives
// exactly one error on the errors channel. Tell them apart with [errors.Is] and
// [errors.As]:
//
//	the client closed with another code       *websocket.CloseError
//	a message over MaxMessageSize came in     websocket.ErrReadLimit; closed with 1009
//	a text that is not UTF-8 came in          ErrInvalidUTF8; closed with 1007
//	JSON that does not decode came in         json's error; closed with 1007
//	the client broke the protocol             closed with 1002
//	a message over MaxSendSize was sent       ErrMessageTooBig; closed with 1011
//	a text that is not UTF-8 was sent         ErrInvalidUTF8; closed with 1011
//	a message did not encode                  json's error; closed with 1011
//	MarshalJSON or UnmarshalJSON panicked     closed with 1011; the text has the stack
//	the handler panicked                      closed with 1011; Recovery gets the panic
//	the client was silent, a write took long  a net.Error with Timeout() true
//	the client vanished                       io.ErrUnexpectedEOF, syscall.ECONNRESET
//	                                          and so on
//
// A fault counts as soon as it is certain: when a frame's header, or the sum of a
// message's fragments, claims too much, and at the first bytes that cannot be UTF-8.
// The close frame goes out after the answers to the messages before it, and has a short
// reason with 1007, 1009 and 1011.
var (
	// ErrMessageTooBig means that the handler sent a message larger than
	// Options.MaxSendSize, which defaults to Options.MaxMessageSize. The
	// message was not sent, and the connection was closed with 1011.
	ErrMessageTooBig = errors.New("sockets: outgoing message exceeds MaxSendSize")

	// ErrInvalidUTF8 means that a text was not valid UTF-8 (RFC 6455, 8.1). If
	// the client sent it, the connection was closed with 1007. If the handler
	// sent it, it did not go out, and the connection was closed with 1011.
	ErrInvalidUTF8 = frame.ErrInvalidUTF8
)

// misuse panics because of a mistake in the program's options, when the handler
// is made (contract 1.6).
func misuse(field string, value any, reason string) {
	panic(fmt.Sprintf("sockets: %s %v: %s", field, value, reason))
}
