package sockets

import "time"

// This file has the waits of the closer, each with a limit.

// sleep waits, but not for a handler that has returned.
func (c *closer[M]) sleep(wait time.Duration) {
	c.timer.Reset(wait)
	select {
	case <-c.timer.C:
	case <-c.returned:
	}
}

// offer waits until the handler has taken all that was delivered. It reports whether the
// handler did so, and something had been waiting.
func (c *closer[M]) offer() bool {
	if len(c.receiver) == 0 || c.ignored {
		return false
	}
	c.ignored = !c.waitTaken(func() int { return len(c.receiver) })
	return !c.ignored
}

// waitTaken waits until nothing is left for the handler. It returns false if the handler
// takes nothing for quietWait or has returned. Nothing signals that a channel has become
// empty, so waitTaken polls, less and less often.
func (c *closer[M]) waitTaken(left func() int) bool {
	before, quiet := left(), time.Duration(0)
	for pause := time.Millisecond; before > 0; pause = min(2*pause, quietWait/8) {
		c.sleep(pause)
		// Count the waits, not the time: on a machine too busy to run this goroutine,
		// the handler has not run either.
		quiet += pause
		now := left()
		switch {
		case now != before:
			before, quiet = now, 0
		case quiet >= quietWait, closed(c.returned):
			return false
		}
	}
	return true
}

// deliverUntil waits for an event while the reader delivers messages. Once the handler has
// taken none for quietWait, or has returned, the reader drops them, because the event may
// depend on its reading on. deliverUntil returns false if the event has not come within
// limit. The time in which a message waits for the handler does not count.
func (c *closer[M]) deliverUntil(event <-chan struct{}, limit time.Duration) bool {
	taken, quiet := c.taken(), time.Duration(0)
	for pause := time.Millisecond; !closed(c.deafened); pause *= 2 {
		c.timer.Reset(min(pause, limit))
		select {
		case <-event:
			return true
		case <-c.returned:
			c.deafen()
			continue
		case <-c.timer.C:
		}
		if now := c.taken(); now != taken || !c.offers() {
			taken, quiet = now, 0
		} else if quiet += pause; quiet >= quietWait {
			c.deafen()
		}
		if c.offers() {
			pause = min(pause, quietWait/16)
			continue
		}
		if limit -= pause; limit <= 0 {
			return closed(event)
		}
		pause = min(pause, time.Second/2)
	}
	return c.waitFor(event, limit)
}

// waitFor waits for an event. It returns false if the event has not come after limit.
func (c *closer[M]) waitFor(event <-chan struct{}, limit time.Duration) bool {
	c.timer.Reset(limit)
	select {
	case <-event:
		return true
	case <-c.timer.C:
		return closed(event)
	}
}

// taken returns how many messages the handler has taken from the receiver.
func (c *closer[M]) taken() int64 { return c.delivered.Load() - int64(len(c.receiver)) }

// offers reports whether a message is waiting for the handler.
func (c *closer[M]) offers() bool { return c.offering.Load() || len(c.receiver) > 0 }
