package sim

import (
	"math/rand/v2"
	"time"
)

// How long a packet takes on a good network, and how much later its duplicate comes.
const (
	travelMin    = 500 * time.Microsecond
	travelJitter = time.Millisecond
	duplicateLag = 200 * time.Millisecond
)

// link is the way from one process to another. Network.mu protects it.
type link struct {
	to   *Process
	rand *rand.Rand
	last time.Time // when the last packet arrives
	held []func()  // by a stall, in order
}

func (l *link) send(c Conditions, deliver func()) {
	lost, twice := l.rand.Float64() < c.Loss, l.rand.Float64() < c.Duplicate
	switch {
	case lost:
	case c.Stalled:
		l.held = append(l.held, deliver)
	case c.Delay > 0:
		l.overtaken(time.Duration(l.rand.Int64N(int64(c.Delay))), deliver)
	default:
		l.inOrder(deliver)
	}
	if twice && !lost && !c.Stalled {
		l.overtaken(time.Duration(l.rand.Int64N(int64(duplicateLag))), deliver)
	}
}

// inOrder delivers after everything that was sent in order before.
func (l *link) inOrder(deliver func()) {
	due := time.Now().Add(travelMin + time.Duration(l.rand.Int64N(int64(travelJitter))))
	if !due.After(l.last) {
		due = l.last.Add(time.Nanosecond)
	}
	l.last = due
	l.deliver(time.Until(due), deliver)
}

// overtaken delivers after a time of its own.
func (l *link) overtaken(extra time.Duration, deliver func()) {
	l.deliver(travelMin+extra, deliver)
}

func (l *link) deliver(after time.Duration, deliver func()) {
	// The goroutine ends when the receiver takes the packet or is killed. A receiver
	// takes waiting packets in the order in which they came.
	time.AfterFunc(after, func() {
		select {
		case l.to.inbox <- deliver:
		case <-l.to.quit:
		}
	})
}

// release sends what a stall has held up.
func (l *link) release() {
	for _, deliver := range l.held {
		l.inOrder(deliver)
	}
	l.held = nil
}
