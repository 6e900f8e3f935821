package sockets

import "sync/atomic"

// life is the state of a connection, shared by its goroutines. Closing a channel
// ends a state; its comment names who closes it. CONTRIBUTING.md draws the states.
type life struct {
	endings  chan *ending  // reasons to end, from everyone to the closer; see report
	flushing chan struct{} // closed by the closer: end is set, and the writer finishes
	written  chan struct{} // closed by the writer: it writes no more
	deaf     chan struct{} // closed by the closer: from now on the reader drops messages
	ended    chan struct{} // closed by the reader: it has reported its ending
	returned chan struct{} // closed by the middleware: the handler has ended

	// end is set by the closer before it closes flushing. The writer may
	// replace it until it closes written. After that it is final.
	end *ending
	// flushed is set by the writer before it closes written: everything went out.
	flushed bool
	// panicked is set by the middleware before it closes returned, if the handler
	// panicked.
	panicked error

	// pings counts the pings without an answer: the writer adds, the reader subtracts.
	// A peer may answer only the last of several pings, so the count may stay too high.
	pings atomic.Int32
}

func newLife() life {
	return life{
		endings:  make(chan *ending, 6), // no connection reports more than six
		flushing: make(chan struct{}),
		written:  make(chan struct{}),
		deaf:     make(chan struct{}),
		ended:    make(chan struct{}),
		returned: make(chan struct{}),
	}
}

// report reports a reason to end, and never blocks. Only the first reason
// counts, so the closer need not take them all.
func report(endings chan<- *ending, e *ending) {
	select {
	case endings <- e:
	default:
	}
}

// closed reports whether a state has ended.
func closed(state <-chan struct{}) bool {
	select {
	case <-state:
		return true
	default:
		return false
	}
}

// delivery is how the reader tells the closer about the messages that it offers
// to the handler.
type delivery struct {
	delivered atomic.Int64 // messages put into the receiver
	offering  atomic.Bool  // another message waits for room in the receiver
}
