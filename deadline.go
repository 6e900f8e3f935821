package sockets

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// deadline limits how long one read, or one write, of a network connection takes. Setting a deadline costs more than looking at the
// clock, so an old one stays while it is early enough; when it passes before its time, the call goes on under a new one. What is waited
// is exact all the same: with a wait of 60 s and a deadline set at 0 s, a read that begins at 10 s wakes at 60 s, and again makes it
// go on until 70 s. Times are durations since opened, because the monotonic clock alone is cheaper to look at.
//
// One goroutine at a time uses begin and again; extend and limit are safe beside them.
type deadline struct {
	opened time.Time
	set    func(time.Time) error // of the network connection
	wait   time.Duration         // 0: for ever
	// resumable says that a call can go on after a timeout. A write through TLS cannot.
	resumable bool

	armed time.Duration // what is set; 0: nothing
	least atomic.Int64  // no call has to end before that
	bound atomic.Int64  // when all calls have to end; 0: not known yet
}

// begin is called before a read or a write. It returns when that has to end, 0 for never, and sees to it that a deadline is
// set which is not later. An explicit end, if not zero, counts in the place of wait.
func (d *deadline) begin(explicit time.Time) (due time.Duration) {
	switch {
	case !explicit.IsZero():
		due = explicit.Sub(d.opened)
		d.arm(due)
		return due
	case d.wait > 0:
		due = time.Since(d.opened) + d.wait
	}
	due = d.bounded(due)
	if due != 0 && (d.armed == 0 || !d.resumable) {
		d.arm(due)
	}
	return due
}

// again reports whether a call that failed with err can go on, because only an old deadline has passed; then the right one is set.
func (d *deadline) again(due time.Duration, err error) bool {
	due = d.bounded(due)
	if !isTimeout(err) || time.Since(d.opened) >= due {
		return false
	}
	d.arm(due)
	return true
}

func (d *deadline) arm(due time.Duration) {
	d.armed = due
	d.set(d.opened.Add(due))
	// Looked at after the deadline is set, so that whichever of arm and limit comes last knows of the bound.
	if bound := d.bounded(due); bound != due {
		d.armed = bound
		d.set(d.opened.Add(bound))
	}
}

// disarm forgets the deadline that is set.
func (d *deadline) disarm() {
	d.armed = 0
	d.set(time.Time{})
}

func (d *deadline) bounded(due time.Duration) time.Duration {
	if due != 0 {
		due = max(due, time.Duration(d.least.Load()))
	}
	if bound := time.Duration(d.bound.Load()); bound != 0 && (due == 0 || bound < due) {
		return bound
	}
	return due
}

// extend gives all calls, one that is blocked included, at least the time wait from now.
func (d *deadline) extend(wait time.Duration) {
	d.least.Store(int64(time.Since(d.opened) + wait))
}

// limit makes the time after wait the end of all calls. A call that is blocked is cut shorter by that, and never made longer.
func (d *deadline) limit(wait time.Duration) {
	bound := time.Since(d.opened) + wait
	d.bound.Store(int64(bound))
	if d.wait == 0 || wait < d.wait {
		d.set(d.opened.Add(bound))
	}
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
