package wire

import (
	"errors"
	"net"
	"sync"
	"time"
)

// Deadline limits how long each write of a network connection takes: every call has a
// wait, and all calls can have a common end.
//
// Setting a deadline on the network costs more than a look at the clock. An old
// deadline is never too late, so it stays. If it fires too early, the call
// resumes under a new one. With a wait of 60 s and a deadline set at 0 s, a
// write that begins at 10 s wakes at 60 s and goes on until 70 s.
//
// Others may set the network's deadline too, with net/http's ResponseController. If
// theirs is earlier, the call resumes; Renew replaces one that is later.
type Deadline struct {
	conn      net.Conn
	opened    time.Time // all times are durations since then
	resumable bool      // a call can go on after a timeout; a TLS write cannot

	// Only the goroutine that writes uses these.
	began time.Duration // when the current call began
	armed bool          // begin has set a deadline before

	mu    sync.Mutex // protects the fields below, and the deadline set on conn
	wait  time.Duration
	until time.Duration
	due   time.Duration // the deadline set on conn; 0 if none
}

// begin is called before each call.
func (d *Deadline) begin() {
	d.began = time.Since(d.opened)
	if d.armed && d.resumable {
		return
	}
	d.armed = true
	d.mu.Lock()
	defer d.mu.Unlock()
	d.set(d.end(d.began)) // even if it is set already: others may have set theirs
}

// finish is called after a call. It removes a deadline that a later call could
// not survive: TLS also writes by itself, to renew keys.
func (d *Deadline) finish() {
	if d.resumable {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.due != d.until {
		d.set(d.until)
	}
}

// again reports whether a call that failed with err can go on.
func (d *Deadline) again(err error) bool {
	if !d.resumable || !IsTimeout(err) {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	end := d.end(d.began)
	if end != 0 && time.Since(d.opened) >= end {
		return false
	}
	d.set(end) // even if it is set already: others may have set theirs
	return true
}

// Renew sets the deadline on the network again, if there is one.
func (d *Deadline) Renew() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.due != 0 {
		d.set(d.due)
	}
}

// Until ends all calls when wait has passed. It may be called during a call.
func (d *Deadline) Until(wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	// 0 would mean no end, even when wait is 0 at the time of opening.
	d.until = max(1, time.Since(d.opened)+wait)
	// A blocked call began earlier, so this may be late for it, but never early.
	end := d.end(time.Since(d.opened))
	if end != 0 && (d.due == 0 || end < d.due) {
		d.set(end)
	}
}

// end returns when a call that began at the given time must end. 0 means never.
func (d *Deadline) end(began time.Duration) time.Duration {
	end := d.until
	if d.wait > 0 && (end == 0 || began+d.wait < end) {
		end = began + d.wait
	}
	return end
}

// set sets the deadline on the network; 0 removes it.
func (d *Deadline) set(end time.Duration) {
	d.due = end
	var t time.Time
	if end != 0 {
		t = d.opened.Add(end)
	}
	d.conn.SetWriteDeadline(t)
}

// IsTimeout reports whether err is a deadline that has passed.
func IsTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
