package sockets

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/wire"
)

// closer waits for the first reason to end, takes the connection through its
// states and tells the handler. Until then it has the writer send pings.
type closer[M any] struct {
	*session
	receiver   <-chan M // only to see how many messages wait in it
	disconnect <-chan int
	done       chan bool
	errors     chan error
	request    context.Context
	cancel     context.CancelCauseFunc // of the injected context
	// timer runs until the next ping. After the end it serves all other waits.
	timer *time.Timer
}

// run ends after closing done and errors. Once there is a reason to end, every
// wait has a limit.
func (c *closer[M]) run() {
	c.tell(c.conclude(c.permit(c.prefer(c.await()))))
}

// await returns the first reason to end the connection.
func (c *closer[M]) await() *ending {
	c.timer = time.NewTimer(c.nextPing())
	defer c.timer.Stop()
	for {
		select {
		case e := <-c.endings:
			return e
		case code := <-c.disconnect:
			return codeEnding(code, "")
		case <-c.returned:
			return c.returnOrPanic()
		case <-c.request.Done():
			e := contextEnding(c.request)
			// at once, not after the flush: the parent context has ended
			c.cancel(e.why())
			return e
		case <-c.timer.C:
			c.timer.Reset(c.nextPing())
			c.addPing()
		}
	}
}

// nextPing returns the time until the next ping: a random one in the last fifth
// of a period, or the longest possible if pings are off.
func (c *closer[M]) nextPing() time.Duration {
	period := c.config.pingPeriod
	if period == 0 {
		return math.MaxInt64
	}
	return period - rand.N(period/5+1)
}

func (c *closer[M]) returnOrPanic() *ending {
	if c.panicked != nil {
		return panicEnding(c.panicked)
	}
	return returnEnding()
}

// prefer replaces an implied ending with one that says more. A handler that
// names a code and then returns or closes a channel wants that code. A handler
// that closes a channel may be about to panic.
func (c *closer[M]) prefer(e *ending) *ending {
	if !e.implied {
		return e
	}
	c.timer.Reset(settleWait)
	select {
	case <-c.returned:
		if e = c.returnOrPanic(); !e.implied {
			return e
		}
	case <-c.timer.C:
	}
	return c.named(e)
}

// named returns the ending with the code that the handler named, or e if it named none.
func (c *closer[M]) named(e *ending) *ending {
	select {
	case code := <-c.disconnect:
		return codeEnding(code, "")
	default:
	}
	for range len(c.endings) {
		if other := <-c.endings; other.by == byHandler && !other.implied {
			return other
		}
	}
	return e
}

// permit replaces a code that must not be sent (contract 4.4).
func (c *closer[M]) permit(e *ending) *ending {
	allowed, replaced := e.allowed()
	if replaced {
		c.logf(LogLevelWarning, "close code %d must not be sent, 1011 is sent instead",
			e.code)
	}
	return allowed
}

// conclude makes the writer flush and send the close frame. It limits how long the
// writer and the reader may take, and returns the ending to report.
func (c *closer[M]) conclude(e *ending) *ending {
	c.end = e
	if !e.gone() {
		// The writer may be blocked in a write, and no more pings are sent to
		// the client.
		flush := c.flushTime(e)
		c.wire.Writing.Until(flush)
		c.wire.Reading.Until(flush + lingerWait)
		c.wire.Reading.Wait(0)
	}
	close(c.flushing)
	c.wakeWriter()
	c.attend(c.written, never, c.offers)
	if !closed(c.written) {
		// The peer may not read until the reader takes its messages, so drop them.
		c.deafen()
		<-c.written
	}
	e = c.end
	if e.gone() {
		e = c.readRest(e)
	}
	c.deafen()
	if c.flushed {
		c.wire.Reading.Until(lingerTime(e))
	} else {
		c.wire.Abort()
	}
	return e
}

// flushTime returns the time limit for the flush. A peer that closed the connection
// or broke the rules gets less time than one that the handler still has messages for.
func (c *closer[M]) flushTime(e *ending) time.Duration {
	wait := c.config.writeWait
	if wait == 0 {
		wait = defaultWait
	}
	if e.ours() {
		return wait
	}
	return min(wait, lingerWait)
}

// lingerTime returns how long the reader may go on after the close frame. If
// the peer closed first, TCP should close at once (RFC 6455, 7.1.1), so wait
// only for what was already on its way.
func lingerTime(e *ending) time.Duration {
	if e.by == byClient {
		return quietWait
	}
	return lingerWait
}

// readRest lets the reader go on after a write to the network has failed. What the
// peer sent before then, above all its close frame, can still be read. Once the
// handler stops taking messages, readRest reads to the end without offering them.
//
// A write that timed out means that the peer is there but does not read. Such a
// peer may go on sending, so it gets less time.
func (c *closer[M]) readRest(failed *ending) *ending {
	if !wire.IsTimeout(failed.err) {
		c.wire.Reading.Wait(lingerWait)
		c.attend(c.ended, never, c.offers)
	}
	c.deafen()
	c.wire.Reading.Until(quietWait)
	c.timer.Reset(quietWait) // a message's method may still be running
	select {
	case <-c.ended:
	case <-c.timer.C:
	}
	for range len(c.endings) {
		if e := <-c.endings; e.by == byClient {
			return e
		}
	}
	return failed
}

// deafen makes the reader drop what it reads.
func (c *closer[M]) deafen() {
	if !closed(c.deaf) {
		close(c.deaf)
	}
}

// tell reports the end to the handler, after giving it time to take what the
// peer had sent.
func (c *closer[M]) tell(e *ending) {
	c.attend(nil, func() bool { return len(c.receiver) == 0 }, always)
	if c.config.log.logs(e.level()) { // the arguments cost allocations
		c.logf(e.level(), "closed by %s, code %d: %.*q", e.by, e.code, e.maxText(),
			e.why())
	}
	c.member.ended(e)
	if e.err != nil {
		c.errors <- e.err
		// Wait until the handler has taken the error: a select on errors and
		// done would pick one of them at random.
		c.attend(nil, func() bool { return len(c.errors) == 0 }, always)
	}
	c.cancel(e.why())
	c.done <- true
	// Give a busy handler time to take the true. Once both channels are closed,
	// its select could receive nil from errors.
	c.attend(nil, func() bool { return len(c.done) == 0 }, always)
	close(c.done)
	close(c.errors)
}

// attend waits for the handler: until the given state ends, over returns true, or
// the handler returns. It also stops if, for quietWait, offered returned true and
// the handler took no message. Nothing signals that a channel has become empty, so
// attend polls, less and less often.
func (c *closer[M]) attend(state <-chan struct{}, over, offered func() bool) {
	taken, quiet := c.taken(), time.Duration(0)
	for wait := time.Millisecond; !over(); wait = min(2*wait, quietWait/8) {
		c.timer.Reset(wait)
		select {
		case <-c.timer.C:
		case <-state:
			return
		case <-c.returned:
			return
		}
		// Count the waits, not the time: on a machine too busy to run this
		// goroutine, the handler has not run either.
		quiet += wait
		if now := c.taken(); now != taken || !offered() {
			taken, quiet = now, 0
		} else if quiet >= quietWait {
			return
		}
	}
}

func always() bool { return true }
func never() bool  { return false }

// taken returns how many messages the handler has taken from the receiver.
func (c *closer[M]) taken() int64 { return c.delivered.Load() - int64(len(c.receiver)) }

// offers reports whether a message is waiting for the handler.
func (c *closer[M]) offers() bool { return c.offering.Load() || len(c.receiver) > 0 }
