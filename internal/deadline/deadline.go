// Package deadline turns the deadlines of a net.Conn into wake-ups for
// goroutines that wait on a sync.Cond.
//
// It uses time.AfterFunc and nothing else, so it follows the fake clock of a
// testing/synctest bubble.
package deadline

import (
	"sync"
	"time"
)

// Deadline is a point in time that passes once and can be set anew. The zero
// value never passes. All its methods are called with the lock held that is
// given to Set, which has to be the same one each time.
type Deadline struct {
	timer  *time.Timer
	sets   int // tells a timer that fires late that it was replaced
	passed bool
}

// Set makes the deadline pass at t: never when t is zero, at once when t lies
// in the past. wake is called, with lock held, whenever waiting goroutines have
// to look at Passed again.
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

// Passed reports whether the point in time has come.
func (d *Deadline) Passed() bool { return d.passed }

// Stop takes the deadline back; it is the zero value again.
func (d *Deadline) Stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	d.sets++
	d.passed = false
}
