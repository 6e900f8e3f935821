package wire

import (
	"sync/atomic"
	"time"
)

// reads knows when Read was called.
type reads struct {
	// waiting is one more than the age at which the current call began to wait for the
	// network; 0 if none waits.
	waiting atomic.Int64

	// Only the goroutine that reads uses these.
	calls  int
	began  time.Duration // the age when the last call began
	before time.Duration // the age when the call before it began
}

// Read blocks until bytes arrive or the connection is closed: to end a Read, close the
// Conn. If the response of the opening handshake could not be written, Read returns that
// error.
func (c *Conn) Read(p []byte) (int, error) {
	if c.unopened != nil {
		return 0, c.unopened
	}
	c.calls++
	c.before, c.began = c.began, c.Age()
	if len(c.Early) > 0 {
		n := copy(p, c.Early)
		c.Early = c.Early[n:]
		return n, nil
	}
	c.waiting.Store(int64(c.began) + 1)
	for {
		n, err := c.Conn.Read(p)
		if err == nil || !IsTimeout(err) {
			c.waiting.Store(0)
			return n, err
		}
		c.Conn.SetReadDeadline(time.Time{}) // others have set one
		if n > 0 {
			c.waiting.Store(0)
			return n, nil
		}
	}
}

// Waiting returns the age at which the current Read began to wait for the network. ok is
// false if none waits.
func (c *Conn) Waiting() (since time.Duration, ok bool) {
	waiting := c.waiting.Load()
	return time.Duration(waiting - 1), waiting > 0
}

// Reads returns how often Read was called. Only the goroutine that reads may ask.
func (c *Conn) Reads() int { return c.calls }

// After returns the age at which the Read began that followed after so many calls. If
// more than one has followed, it may be the age of a later one. ok is false if none
// has. Only the goroutine that reads may ask.
func (c *Conn) After(calls int) (age time.Duration, ok bool) {
	switch calls {
	case c.calls:
		return 0, false
	case c.calls - 1:
		return c.began, true
	}
	return c.before, true
}
