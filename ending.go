package sockets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/beatrichartz/martini-sockets/internal/frame"
	"github.com/gorilla/websocket"
)

const (
	// lingerWait is how long the peer's close frame is waited for after ours
	// was sent, and how long a peer that has ended the connection may take to
	// read what was sent before.
	lingerWait = 5 * time.Second
	// quietWait is how long a handler may leave a message, or the error, alone
	// before done fires all the same.
	quietWait = 250 * time.Millisecond
	// settleWait is how long a handler that has closed a channel may take to panic.
	settleWait = 25 * time.Millisecond
	// maxReason is what a control frame of 125 bytes has left for a reason (RFC
	// 6455, 5.5).
	maxReason = 123
)

// ending is a reason to end a connection, and what follows from it.
type ending struct {
	by party
	// implied says that the handler has closed a channel and named no code: if
	// it named one elsewhere, that one is meant.
	implied bool
	// mistaken says that the handler named a code that must not be sent.
	mistaken bool
	// code is sent in the close frame: none with 1005; no close frame at all with 1006.
	code   int
	reason string
	// err goes to the errors channel. It is nil for a regular end.
	err error
	// cause is why the connection's context is cancelled, where that is not err.
	cause error
}

// party is who ended a connection.
type party string

// The parties are the values of [End].By.
const (
	byHandler   party = "handler"   // it returned, panicked, or asked for it
	byServer    party = "server"    // the context of the request, or the group
	byClient    party = "client"    // its close frame
	byViolation party = "violation" // the client sent what it must not
	// a message that cannot be sent, a method that panicked
	byProgram party = "program"
	byNetwork party = "network" // it failed, or the client was silent
)

// ours reports whether this side of the connection wanted it to end.
func (e *ending) ours() bool { return e.by == byHandler || e.by == byServer }

// gone reports whether the network ended the connection: nothing can be written
// any more.
func (e *ending) gone() bool { return e.by == byNetwork }

// framed reports whether a close frame tells the peer of the ending.
func (e *ending) framed() bool { return e.code != websocket.CloseAbnormalClosure }

// why is the cause that the connection's context is cancelled with.
func (e *ending) why() error {
	if e.err != nil {
		return e.err
	}
	return e.cause
}

// level is that of the line that tells of the ending (contract 6).
func (e *ending) level() level {
	switch {
	case e.by == byViolation:
		return LogLevelWarning
	case e.by == byProgram, e.mistaken, e.by == byHandler && e.err != nil:
		return LogLevelError
	}
	return LogLevelInfo
}

// maxText bounds what the log shows of the ending: what a client sent may be as
// long as it likes, what the handler panicked with is the program's own.
func (e *ending) maxText() int {
	if e.by == byHandler {
		return math.MaxInt
	}
	return 500
}

// codeEnding: the handler asked for code, on disconnect or by Close.
func codeEnding(code int, reason string) *ending {
	frame := &websocket.CloseError{Code: code, Text: reason}
	return &ending{by: byHandler, code: code, reason: reason,
		cause: fmt.Errorf("sockets: closed by the handler: %w", frame)}
}

// returnEnding: the handler has returned.
func returnEnding() *ending {
	return &ending{by: byHandler, implied: true, code: websocket.CloseNormalClosure,
		cause: errors.New("sockets: the handler has returned")}
}

// closedEnding: the handler has closed a channel that it sends on.
func closedEnding() *ending {
	return &ending{by: byHandler, implied: true, code: websocket.CloseNormalClosure,
		cause: errors.New("sockets: the handler has closed a channel")}
}

// panicEnding: the handler panicked; err says so.
func panicEnding(err error) *ending {
	return &ending{by: byHandler, code: websocket.CloseInternalServerErr,
		err: fmt.Errorf("sockets: %w", err)}
}

// contextEnding: the context of the request ended.
func contextEnding(ctx context.Context) *ending {
	return &ending{by: byServer, code: websocket.CloseGoingAway,
		cause: fmt.Errorf("sockets: the request's context ended: %w", context.Cause(ctx))}
}

// groupEnding: Group.Shutdown was called.
func groupEnding() *ending {
	return &ending{by: byServer, code: websocket.CloseGoingAway,
		cause: fmt.Errorf("sockets: the group was shut down: %w", http.ErrServerClosed)}
}

// clientEnding: the peer's close frame was read. It is answered with its own
// code (RFC 6455, 5.5.1).
func clientEnding(frame *websocket.CloseError) *ending {
	e := &ending{by: byClient, code: frame.Code, cause: frame}
	switch frame.Code {
	case websocket.CloseNormalClosure, websocket.CloseGoingAway,
		websocket.CloseNoStatusReceived:
	default:
		e.err = frame
	}
	return e
}

// violationEnding: the peer sent what it must not.
func violationEnding(code int, err error) *ending {
	return &ending{by: byViolation, code: code,
		err: fmt.Errorf("sockets: receiving: %w", err)}
}

// programEnding: a message cannot be sent, or a method of one has panicked.
func programEnding(doing string, err error) *ending {
	return &ending{by: byProgram, code: websocket.CloseInternalServerErr,
		err: fmt.Errorf("sockets: %s: %w", doing, err)}
}

// networkEnding: the network connection failed. Its end without a close frame
// is told as gorilla does, by 1006, and as the io package does.
func networkEnding(err error) *ending {
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", io.ErrUnexpectedEOF,
			&websocket.CloseError{Code: websocket.CloseAbnormalClosure,
				Text: "the peer is gone"})
	}
	return &ending{by: byNetwork, code: websocket.CloseAbnormalClosure,
		err: fmt.Errorf("sockets: %w", err)}
}

// allowed returns an ending with a code that may be sent in the place of one
// whose code must not (contract 4.4). 1005 and 1006 say how to do without one.
func (e *ending) allowed() (_ *ending, replaced bool) {
	switch {
	case !e.ours(), frame.ValidCode(e.code):
		return e, false
	case e.code == websocket.CloseNoStatusReceived,
		e.code == websocket.CloseAbnormalClosure:
		return e, false
	}
	other := codeEnding(websocket.CloseInternalServerErr, e.reason)
	other.mistaken = true
	return other, true
}

// payload is the body of the close frame, the reason cut to what fits, between
// two runes.
func (e *ending) payload() []byte {
	reason := e.reason
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
	return websocket.FormatCloseMessage(e.code, reason)
}
