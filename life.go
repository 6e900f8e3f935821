package sockets

import "sync/atomic"

// life is how far a connection has come, from open to over: what its goroutines
// share. Each channel is closed once; CONTRIBUTING.md draws the states between them.
type life struct {
	endings  chan *ending  // reasons to end, from all to the closer; see report
	flushing chan struct{} // closed by the closer: end is set, the writer finishes
	// closed by the writer: nothing is written any more, end is final
	written chan struct{}
	deaf    chan struct{} // closed by the closer: the reader drops messages from now on
	ended   chan struct{} // closed by the reader: its ending is in endings
	// closed by the middleware: the handler has returned or panicked
	returned chan struct{}

	// end is set by the closer before flushing is closed. The writer may
	// replace it until it closes written; then it is final.
	end      *ending
	flushed  bool  // set by the writer before written: all of it went out
	panicked error // set by the middleware before returned, if the handler panicked

	// pings counts those that have no answer yet: the writer adds, the reader takes
	// away. A peer may answer the last of several only, so it may stay too high.
	pings atomic.Int32
}

func newLife() life {
	return life{
		endings:  make(chan *ending, 6), // there are not more
		flushing: make(chan struct{}),
		written:  make(chan struct{}),
		deaf:     make(chan struct{}),
		ended:    make(chan struct{}),
		returned: make(chan struct{}),
	}
}

// report never blocks. Only the first reason counts, so the closer need not
// take them all.
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

// delivery is what the reader tells the closer of the messages that it offers
// to the handler.
type delivery struct {
	delivered atomic.Int64 // messages put into the receiver
	offering  atomic.Bool  // one more waits for room in it
}
