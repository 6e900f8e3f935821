package sockets

import (
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/wire"
)

// closer waits for a reason to end, decides, takes the connection through its states
// and tells the handler. It sets all time limits: no other goroutine has one of its
// own. Until the end it has the writer send pings.
type closer[M any] struct {
	*session
	receiver   <-chan M // only to see how many messages wait in it
	connection *Connection
	done       chan bool
	errors     chan error
	request    context.Context
	cancel     context.CancelCauseFunc // of the injected context
	// timer serves one wait after the other.
	timer *time.Timer
	pulse pulse
	// ignored means that the handler has taken nothing for quietWait.
	ignored bool
	// linger closes the network connection, and overdue warns of the handler. Both may
	// fire after the closer has exited; the middleware stops them.
	linger, overdue *time.Timer
}

// run ends after closing done and errors. Once there is a reason to end, every wait has
// a limit.
func (c *closer[M]) run() {
	c.timer = time.NewTimer(math.MaxInt64)
	defer c.timer.Stop()
	c.decide(c.settled(c.await()))
	c.tell(c.conclude())
}

// settled returns the reason that counts: e, or one that comes with it.
func (c *closer[M]) settled(e *ending) *ending {
	e = c.chosen(e, false)
	switch {
	case e.rank == rankReturned:
		// A handler that closes a channel may be about to panic or to name a code.
		c.sleep(settleWait)
		return c.chosen(e, true)
	case e.fromPeer():
		// The handler first gets what the peer sent before, and may answer.
		if c.offer() || c.fresh {
			c.sleep(answerWait)
		}
	}
	return e
}

// await blocks until there is a reason to end. If there are several, it returns any.
func (c *closer[M]) await() *ending {
	for {
		c.timer.Reset(c.pulse.next())
		select {
		case e := <-c.endings:
			return e
		case code := <-c.connection.disconnect:
			return c.connection.ending(code)
		case <-c.returned:
			return c.returnOrPanic()
		case <-c.request.Done():
			return contextEnding(c.request)
		case <-c.timer.C:
			c.wire.Writing.Renew()
			ping, silent := c.pulse.beat(c.wire)
			if silent {
				c.wire.Abort() // the writer may be in a write
				return silentEnding(c.config.pongWait)
			}
			if ping {
				c.addPing()
			}
		}
	}
}

// chosen returns the reason that counts: e, or one that waits. If handlers is true, only
// reasons of the handler count beside e, a message that cannot be sent included.
func (c *closer[M]) chosen(e *ending, handlers bool) *ending {
	for range len(c.endings) {
		if then := <-c.endings; !handlers || then.by == byHandler || then.unsent {
			e = choose(e, then)
		}
	}
	select {
	case code := <-c.connection.disconnect:
		e = choose(e, c.connection.ending(code))
	default:
	}
	if closed(c.returned) {
		e = choose(e, c.returnOrPanic())
	}
	return e
}

func (c *closer[M]) returnOrPanic() *ending {
	if c.panicked != nil {
		return panicEnding(c.panicked)
	}
	return returnEnding()
}

// decide ends the state open: the writer finishes. The context ends now, because a
// message's method may wait for it.
func (c *closer[M]) decide(e *ending) {
	c.end = e.allowed()
	if !c.end.gone() {
		c.wire.Writing.Until(c.flushTime())
	}
	c.cancel(c.end.why())
	close(c.decided)
	c.wakeWriter()
}

// conclude waits until the writer has finished, limits how long the reader may go on, and
// returns the ending to report.
func (c *closer[M]) conclude() *ending {
	if !c.deliverUntil(c.written, c.flushTime()+quietWait) {
		c.wire.Abort() // others may have changed the deadline of the write
		<-c.written
	}
	e := c.end
	if c.unsent != nil {
		e = choose(e, c.unsent)
	}
	if e.gone() {
		e = c.readRest(e)
	}
	c.deafen()
	if c.flushed {
		c.linger = time.AfterFunc(lingerWait, func() { c.wire.Close() })
	} else {
		c.wire.Abort()
	}
	return e
}

// flushTime returns the time limit for the flush. A peer that closed the connection
// or broke the rules gets less time than one that the handler still has messages for.
func (c *closer[M]) flushTime() time.Duration {
	wait := c.config.writeWait
	if wait == 0 {
		wait = defaultWait
	}
	if c.end.ours() {
		return wait
	}
	return min(wait, lingerWait)
}

// readRest lets the reader go on after a write to the network has failed. What the peer
// sent before then, above all its close frame, can still be read. Once the handler stops
// taking messages, readRest reads to the end without offering them.
//
// A write that timed out means that the peer is there but does not read. Such a peer may
// go on sending, so it gets less time.
func (c *closer[M]) readRest(failed *ending) *ending {
	if !wire.IsTimeout(failed.err) && c.deliverUntil(c.heard, lingerWait) {
		return c.chosen(failed, false)
	}
	if _, waiting := c.wire.Waiting(); !waiting { // otherwise all that came was read
		c.deafen()
		c.waitFor(c.heard, quietWait)
	}
	return c.chosen(failed, false)
}

// warnOverdue logs that the handler goes on after the end. Most often it ranges over its
// receiver, which nobody closes.
func (c *closer[M]) warnOverdue() {
	c.log(LogLevelWarning, "the handler has not returned after done",
		"the handler of %q has not returned %v after done; %d such handlers run",
		slog.String("path", cut(c.source.path, 200)), slog.Duration("after", overdueWait),
		slog.Int64("handlers", c.config.overdue.Add(1)))
}

// stopTimers is called when the handler has returned and the three goroutines have
// exited.
func (c *closer[M]) stopTimers() {
	for _, t := range []*time.Timer{c.linger, c.cut} {
		if t != nil {
			t.Stop()
		}
	}
	if c.overdue != nil && !c.overdue.Stop() {
		c.config.overdue.Add(-1)
	}
}

// deafen makes the reader drop what it reads.
func (c *closer[M]) deafen() {
	if !closed(c.deafened) {
		close(c.deafened)
	}
}

// tell reports the end to the handler, after giving it time to take what the peer had
// sent. Until done and errors are closed, it waits for the handler to take what is in
// them: a select on errors and done would pick one at random, and receive nil from closed
// errors.
func (c *closer[M]) tell(e *ending) {
	c.offer()
	if c.config.log.logs(e.level()) { // the arguments cost allocations
		c.log(e.level(), "closed", "closed by %s, code %d: %q",
			slog.String("by", string(e.by)), slog.Int("code", e.code),
			slog.String("reason", cut(e.why().Error(), e.maxText())))
	}
	c.member.ended(e)
	if e.err != nil {
		c.errors <- e.err
		c.waitTaken(func() int { return len(c.errors) })
	}
	c.done <- true
	c.waitTaken(func() int { return len(c.done) })
	close(c.done)
	close(c.errors)
	if !closed(c.returned) {
		c.overdue = time.AfterFunc(overdueWait, c.warnOverdue)
	}
}
