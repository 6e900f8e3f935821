package sockets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"github.com/beatrichartz/martini-sockets/internal/frame"
	"github.com/gorilla/websocket"
)

const (
	// lingerWait is how long to wait for the peer's close frame after ours was
	// sent. A peer that ended the connection may also take this long to read
	// what was sent before.
	lingerWait = 5 * time.Second
	// quietWait is how long done waits for a handler that does not take a message or the
	// error, and how long the reader waits for what may follow the peer's close frame.
	quietWait = 250 * time.Millisecond
	// settleWait is how long a handler may take to panic after it closed a channel.
	settleWait = 25 * time.Millisecond
	// answerWait is how long a handler may take to answer the last message of a peer that
	// has ended the connection.
	answerWait = 5 * time.Millisecond
	// overdueWait is how long a handler may go on after done before the log tells of it.
	overdueWait = 10 * time.Second
	// maxReason is the space for a reason in a control frame of 125 bytes (RFC
	// 6455, 5.5).
	maxReason = 123
)

// ending is a reason to end a connection, and its consequences.
type ending struct {
	by party
	// mistaken means that the handler named a code that must not be sent.
	mistaken bool
	// unsent means that the handler sent a message that cannot be sent.
	unsent bool
	rank   rank
	// code goes into the close frame. 1005 means a close frame without a code,
	// and 1006 means no close frame at all.
	code   int
	reason string
	// err goes to the errors channel. It is nil for a regular end.
	err error
	// cause is the cause of the context's cancellation if err is nil.
	cause error
}

// party names who ended a connection.
type party string

// Each value is one of [End].By.
const (
	byHandler   party = "handler"   // it returned, panicked or asked for the end
	byServer    party = "server"    // by the request's context or the group
	byClient    party = "client"    // it sent a close frame
	byViolation party = "violation" // the client broke a rule
	byProgram   party = "program"   // a message cannot be sent, or its method panicked
	byNetwork   party = "network"   // it failed, or the client was silent
)

// ours reports whether this side wanted the connection to end.
func (e *ending) ours() bool { return e.by == byHandler || e.by == byServer }

// fromPeer reports whether the peer ended the connection, so that it may still read.
func (e *ending) fromPeer() bool {
	return e.by == byClient || e.by == byViolation || e.by == byProgram && !e.unsent
}

// gone reports whether the network ended the connection, so that nothing can be
// written.
func (e *ending) gone() bool { return e.by == byNetwork }

// hasFrame reports whether the peer gets a close frame.
func (e *ending) hasFrame() bool { return e.code != websocket.CloseAbnormalClosure }

// why returns the cause for cancelling the injected context.
func (e *ending) why() error {
	if e.err != nil {
		return e.err
	}
	return e.cause
}

// level returns the level at which the ending is logged (contract 6).
func (e *ending) level() level {
	switch {
	case e.by == byViolation:
		return LogLevelWarning
	case e.by == byProgram, e.mistaken, e.by == byHandler && e.err != nil:
		return LogLevelError
	}
	return LogLevelInfo
}

// maxText limits how much of the ending's text is logged. A client can send a text
// of any length; a panic of the handler is the program's own and is logged in full. The
// panic of a method may quote what a client sent, and has a stack.
func (e *ending) maxText() int {
	switch e.by {
	case byHandler:
		return math.MaxInt
	case byProgram:
		return 2000
	}
	return 500
}

// codeEnding is for a handler that asked for code, on the disconnect channel or
// with Close.
func codeEnding(code int, reason string) *ending {
	frame := &websocket.CloseError{Code: code, Text: reason}
	return &ending{by: byHandler, rank: rankCode, code: code, reason: reason,
		cause: fmt.Errorf("sockets: closed by the handler: %w", frame)}
}

// returnEnding is for a handler that returned.
func returnEnding() *ending {
	return &ending{by: byHandler, rank: rankReturned, code: websocket.CloseNormalClosure,
		cause: errors.New("sockets: the handler has returned")}
}

// closedEnding is for a handler that closed a channel it sends on.
func closedEnding() *ending {
	return &ending{by: byHandler, rank: rankReturned, code: websocket.CloseNormalClosure,
		cause: errors.New("sockets: the handler has closed a channel")}
}

// panicEnding is for a handler that panicked; err describes the panic.
func panicEnding(err error) *ending {
	return &ending{by: byHandler, rank: rankPanic, code: websocket.CloseInternalServerErr,
		err: fmt.Errorf("sockets: %w", err)}
}

// contextEnding is for a request whose context ended.
func contextEnding(ctx context.Context) *ending {
	return &ending{by: byServer, rank: rankServer, code: websocket.CloseGoingAway,
		cause: fmt.Errorf("sockets: the request's context ended: %w", context.Cause(ctx))}
}

// groupEnding is for a call of Group.Shutdown.
func groupEnding() *ending {
	return &ending{by: byServer, rank: rankServer, code: websocket.CloseGoingAway,
		cause: fmt.Errorf("sockets: the group was shut down: %w", http.ErrServerClosed)}
}

// clientEnding is for a close frame from the peer. The answer has the same code
// (RFC 6455, 5.5.1).
func clientEnding(frame *websocket.CloseError) *ending {
	e := &ending{by: byClient, rank: rankPeer, code: frame.Code, cause: frame}
	switch frame.Code {
	case websocket.CloseNormalClosure, websocket.CloseGoingAway,
		websocket.CloseNoStatusReceived:
	default:
		e.err = frame
	}
	return e
}

// violationEnding is for a peer that sent something against the rules.
// reason tells the author of a page what is wrong.
func violationEnding(code int, reason string, err error) *ending {
	return &ending{by: byViolation, rank: rankPeer, code: code, reason: reason,
		err: fmt.Errorf("sockets: receiving: %w", err)}
}

// programEnding is for a message whose method panicked, or that cannot be sent.
func programEnding(doing string, err error) *ending {
	return &ending{by: byProgram, rank: rankPeer, code: websocket.CloseInternalServerErr,
		reason: "internal error", err: fmt.Errorf("sockets: %s: %w", doing, err)}
}

// unsentEnding is for a message that cannot be sent.
func unsentEnding(err error) *ending {
	e := programEnding("sending", err)
	e.unsent = true
	return e
}

// silentEnding is for a client that sent nothing, and did not answer a ping.
func silentEnding(wait time.Duration) *ending {
	return networkEnding(fmt.Errorf("nothing received for %v: %w", wait,
		os.ErrDeadlineExceeded))
}

// networkEnding is for a network connection that failed. If it ended without a
// close frame, the error contains gorilla's error for that, 1006, and package io's.
func networkEnding(err error) *ending {
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", io.ErrUnexpectedEOF,
			&websocket.CloseError{Code: websocket.CloseAbnormalClosure,
				Text: "the peer is gone"})
	}
	return &ending{by: byNetwork, rank: rankPeer, code: websocket.CloseAbnormalClosure,
		err: fmt.Errorf("sockets: %w", err)}
}

// allowed returns e if its code may be sent, and otherwise a replacement (contract
// 4.4). 1005 and 1006 are never sent; they say how to end without a code.
func (e *ending) allowed() *ending {
	if !e.ours() || frame.ValidCode(e.code) || e.code == websocket.CloseNoStatusReceived ||
		e.code == websocket.CloseAbnormalClosure {
		return e
	}
	other := codeEnding(websocket.CloseInternalServerErr, e.reason)
	other.mistaken = true
	other.cause = fmt.Errorf("%w, because %d must not be sent", other.cause, e.code)
	return other
}

// payload returns the body of the close frame. A long reason is cut between two runes.
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
