package wire

import (
	"errors"
	"net"
	"sync"
	"time"
)

// Deadline limits how long each read, or each write, of a network connection
// takes: a wait for each, and a time at which all of them end.
//
// Setting a deadline on the network costs more than a look at the clock. An old
// deadline is never too late, so it stays. If it fires too early, the call
// resumes under a new one. With a wait of 60 s and a deadline set at 0 s, a
// read that begins at 10 s wakes at 60 s and goes on until 70 s.
type Deadline struct {
	conn      net.Conn
	writes    bool      // otherwise reads
	opened    time.Time // times are durations since then
	resumable bool      // a call can go on after a timeout; a write through TLS cannot

	// Of the goroutine that reads, or writes.
	began time.Duration // when the current call began
	armed bool          // a deadline was set for it, or for an earlier one

	mu    sync.Mutex // protects what follows, and what is set on conn
	wait  time.Duration
	until time.Duration
	due   time.Duration // what is set; 0: nothing
}

// begin is called before a call.
func (d *Deadline) begin() {
	d.began = time.Since(d.opened)
	if d.armed && d.resumable {
		return
	}
	d.armed = true
	d.mu.Lock()
	defer d.mu.Unlock()
	d.arm(d.end(d.began))
}

// finish is called after a call. A deadline that a later call cannot survive is
// taken back: TLS also writes by itself, to renew keys.
func (d *Deadline) finish() {
	if d.resumable {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.arm(d.until)
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
	d.arm(end)
	return true
}

// Wait gives each call wait from now on; 0 is no limit. It is safe beside a
// call, and cuts a call that is blocked.
func (d *Deadline) Wait(wait time.Duration) {
	d.change(func() { d.wait = wait })
}

// Until ends all calls when wait has passed from now. It is safe beside a call.
func (d *Deadline) Until(wait time.Duration) {
	// Where that is when the connection was opened, 0 would say that there is no end.
	d.change(func() { d.until = max(1, time.Since(d.opened)+wait) })
}

func (d *Deadline) change(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
	// A call that is blocked began earlier: this may be late for it, but never early.
	end := d.end(time.Since(d.opened))
	if end != 0 && (d.due == 0 || end < d.due) {
		d.arm(end)
	}
}

// end is when a call has to end that began at the given time; 0 is never.
func (d *Deadline) end(began time.Duration) time.Duration {
	end := d.until
	if d.wait > 0 && (end == 0 || began+d.wait < end) {
		end = began + d.wait
	}
	return end
}

func (d *Deadline) arm(end time.Duration) {
	if end == d.due {
		return
	}
	d.due = end
	var t time.Time
	if end != 0 {
		t = d.opened.Add(end)
	}
	if d.writes {
		d.conn.SetWriteDeadline(t)
	} else {
		d.conn.SetReadDeadline(t)
	}
}

// IsTimeout reports whether err tells of a deadline that has passed.
func IsTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}
