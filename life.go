package sockets

import (
	"sync"
	"sync/atomic"
	"time"
)

// life is the state of a connection, shared by its goroutines. A channel is closed when
// what its name says has happened; its comment names who closes it. CONTRIBUTING.md draws
// the states.
type life struct {
	endings  chan *ending  // reasons to end, from everyone to the closer; see report
	decided  chan struct{} // closed by the closer: end is set, and the writer finishes
	written  chan struct{} // closed by the writer: it writes no more
	deafened chan struct{} // closed by the closer: from now on the reader drops messages
	heard    chan struct{} // closed by the reader: it has reported its ending
	returned chan struct{} // closed by the middleware: the handler returned or panicked

	// end is set by the closer before it closes decided.
	end *ending
	// flushed is set by the writer before it closes written: the network has taken
	// everything, the close frame included.
	flushed bool
	// unsent is set by the writer before it closes written, if the flush found a message
	// that cannot be sent.
	unsent *ending
	// panicked is set by the middleware before it closes returned, if the handler
	// panicked.
	panicked error

	// draining is set by the reader when it stops parsing: it only drops what comes.
	draining atomic.Bool

	// cut closes a network connection that cannot be half-closed; see halfClose. It is set
	// inside halved, and read when the goroutines have exited.
	cut    *time.Timer
	halved sync.Once

	// pings counts the pings without an answer: the writer adds, the reader subtracts.
	// A peer may answer only the last of several pings, so the count may stay too high.
	pings atomic.Int32
}

func newLife() life {
	return life{
		// One each from the reader, the writer, the group and two closed channels.
		endings:  make(chan *ending, 5),
		decided:  make(chan struct{}),
		written:  make(chan struct{}),
		deafened: make(chan struct{}),
		heard:    make(chan struct{}),
		returned: make(chan struct{}),
	}
}

// report reports a reason to end, and never blocks.
func (l *life) report(e *ending) {
	select {
	case l.endings <- e:
	default:
	}
}

// closed reports whether what a channel of life announces has happened.
func closed(event <-chan struct{}) bool {
	select {
	case <-event:
		return true
	default:
		return false
	}
}

// delivery is what the goroutines tell each other about the messages that the handler
// gets, and about its answers.
type delivery struct {
	// The reader sets these.
	delivered atomic.Int64 // messages put into the receiver
	offering  atomic.Bool  // another message waits for room in the receiver

	// answered is set by the writer: the age of the connection at its last message.
	answered atomic.Int64

	// fresh is set by the reader before it reports its ending: the handler got a message
	// just now, and may be about to answer.
	fresh bool
}
