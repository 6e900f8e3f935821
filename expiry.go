package sockets

import (
	"net"
	"sync"
	"time"
)

// expiry is when a connection ends by itself. Its timer calls Close, in a goroutine that
// blocks for nothing.
type expiry struct {
	mu    sync.Mutex // protects timer
	timer *time.Timer
}

// set has c end at a time, instead of any time before. It holds mu during Close, so that a
// timer that has just fired has either ended the connection, or sees that it was replaced.
func (e *expiry) set(c *Connection, t time.Time, code int, reason string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c.ctx.Err() != nil || c.asked.Load() != nil {
		return net.ErrClosed
	}
	e.stop()
	if t.IsZero() {
		return nil
	}
	wait := time.Until(t)
	if wait <= 0 { // before whatever the handler does next
		return c.Close(code, reason)
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.timer == timer {
			_ = c.Close(code, reason) // another reason may have come first
		}
	})
	e.timer = timer
	return nil
}

// stop forgets the timer. mu is held.
func (e *expiry) stop() {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
}

// over is called when the handler has returned: no timer holds the connection.
func (e *expiry) over() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stop()
}
