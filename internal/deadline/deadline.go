// Package deadline turns the deadlines of a net.Conn into wake-ups for
// goroutines that wait on a sync.Cond.
//
// It uses only time.AfterFunc, so it follows the fake clock of a
// testing/synctest bubble.
package deadline

import (
	"sync"
	"time"
)

// Deadline is a point in time that can be set again. The zero value never passes.
// Call all methods with the lock held that Set gets, the same lock every time.
type Deadline struct {
	timer  *time.Timer
	sets   int // lets a timer that fires late see that it was replaced
	passed bool
}

// Set makes the deadline pass at t: never if t is zero, at once if t is in the
// past. Whenever waiting goroutines have to look at Passed again, it calls wake
// with lock held.
func (d *Deadline) Set(t time.Time, lock sync.Locker, wake func()) {
	d.Stop()
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.passed = true
		wake()
		return
	}
	set := d.sets
	d.timer = time.AfterFunc(wait, func() {
		lock.Lock()
		defer lock.Unlock()
		if d.sets == set {
			d.passed = true
			wake()
		}
	})
}

// Passed reports whether the time has come.
func (d *Deadline) Passed() bool { return d.passed }

// Stop cancels the deadline, which is then the zero value again.
func (d *Deadline) Stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.sets++
	d.passed = false
}
