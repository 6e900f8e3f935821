package sockets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

const (
	// lingerWait is how long the peer's close frame is waited for after ours was sent, and how long a peer that has sent one
	// may take to read what was sent before ours.
	lingerWait = 5 * time.Second
	// restWait is how long the reader may go on after a write has failed, which a read from the same network connection soon does too.
	restWait = time.Second
	// quietWait is how long a handler may leave the receiver, or the error, alone before done fires all the same.
	quietWait = 250 * time.Millisecond
	// maxReason is what a control frame of 125 bytes has left for a reason (RFC 6455, 5.5).
	maxReason = 123
)

// ending is a reason to end a connection, and what follows from it.
type ending struct {
	by party
	// implied says that the handler did not name the code: where it did so elsewhere, that one is meant.
	implied bool
	// code is sent in the close frame: none with 1005; no close frame at all with 1006.
	code   int
	reason string
	// err goes to the errors channel. It is nil for a regular end.
	err error
	// cause is why the connection's context is cancelled, where that is not err.
	cause error
}

// party is who ended a connection.
type party int

const (
	byHandler party = iota // the handler, in whatever way
	byServer               // the context of the request, or the group
	byPeer                 // the peer, with its close frame
	byReader               // the reader, over what the peer sent or the network said
	byWriter               // the writer, over what the handler sent or the network said
)

// endings carries the reasons to end a connection to its closer.
type endings chan *ending

// report never blocks. Only the first reason counts, so the closer need not take them all.
func (c endings) report(e *ending) {
	select {
	case c <- e:
	default:
	}
}

// gone reports whether there is no network connection left to write to. A handler that asks for 1006 still has one, for what it
// had sent before.
func (e *ending) gone() bool {
	return e.code == websocket.CloseAbnormalClosure && !e.ours()
}

// ours reports whether this side of the connection wanted it to end.
func (e *ending) ours() bool { return e.by == byHandler || e.by == byServer }

func (e *ending) why() error {
	if e.cause != nil {
		return e.cause
	}
	return e.err
}

// handlerEnding: the handler asked for code, by whatever way. Codes that must not be sent have been replaced.
func handlerEnding(code int, reason string) *ending {
	return &ending{code: code, reason: reason, cause: fmt.Errorf("sockets: closed by the handler: %w",
		&websocket.CloseError{Code: code, Text: reason})}
}

// impliedEnding: the handler has returned, or closed a channel to send on.
func impliedEnding() *ending {
	e := handlerEnding(websocket.CloseNormalClosure, "")
	e.implied = true
	return e
}

func panicEnding() *ending {
	return &ending{code: websocket.CloseInternalServerErr, err: errors.New("sockets: the handler panicked")}
}

// contextEnding: the context of the request ended.
func contextEnding(ctx context.Context) *ending {
	return &ending{by: byServer, code: websocket.CloseGoingAway, cause: fmt.Errorf("sockets: the request's context ended: %w", context.Cause(ctx))}
}

// groupEnding: Group.Shutdown was called.
func groupEnding() *ending {
	return &ending{by: byServer, code: websocket.CloseGoingAway, cause: fmt.Errorf("sockets: the group was shut down: %w", http.ErrServerClosed)}
}

// peerEnding: the peer's close frame was read. It is answered with its own code (RFC 6455, 5.5.1).
func peerEnding(frame *websocket.CloseError) *ending {
	e := &ending{by: byPeer, code: frame.Code, cause: frame}
	switch frame.Code {
	case websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseNoStatusReceived:
	default:
		e.err = frame
	}
	return e
}

// networkEnding: the network connection failed. Its end without a close frame is told as gorilla does, by 1006, and as the io package does.
func networkEnding(by party, err error) *ending {
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", io.ErrUnexpectedEOF,
			&websocket.CloseError{Code: websocket.CloseAbnormalClosure, Text: "the peer is gone"})
	}
	return &ending{by: by, code: websocket.CloseAbnormalClosure, err: fmt.Errorf("sockets: %w", err)}
}

// messageEnding: a message could not be read, or not be written.
func messageEnding(by party, code int, err error) *ending {
	return &ending{by: by, code: code, err: err}
}

// sendable reports whether code may stand in a close frame (RFC 6455, 7.4, and the registry that it founds).
func sendable(code int) bool {
	switch {
	case code == 1004 || code == 1005 || code == 1006 || code == 1015:
		return false
	case code >= 1000 && code <= 1014, code >= 3000 && code <= 4999:
		return true
	}
	return false
}

// closePayload is the body of a close frame, the reason cut to what fits, at the boundary of a rune.
func closePayload(code int, reason string) []byte {
	if !utf8.ValidString(reason) {
		reason = ""
	}
	if len(reason) > maxReason {
		n := maxReason
		for !utf8.RuneStart(reason[n]) {
			n--
		}
		reason = reason[:n]
	}
	return websocket.FormatCloseMessage(code, reason)
}
