package sockets

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/wire"
)

// closer waits for the first reason to end, leads the connection through its
// states, and tells the handler. Until there is a reason it has the writer ping.
type closer[M any] struct {
	*session
	receiver   <-chan M // only to see how many messages wait in it
	disconnect <-chan int
	done       chan bool
	errors     chan error
	request    context.Context
	cancel     context.CancelCauseFunc // of the context that was injected
	// to the next ping; after the end, for all other waits
	timer *time.Timer
}

// run ends when it has closed done and errors. All that it waits for after the
// reason to end is bounded.
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
			c.cancel(e.why()) // not after the flush: it is the parent that has ended
			return e
		case <-c.timer.C:
			c.timer.Reset(c.nextPing())
			c.control.owePing()
		}
	}
}

// nextPing is the time to the next ping: a random one of the last fifth of a
// period, or the longest there is where pings are off.
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

// prefer replaces e where something else says more about the end. A handler
// that gives a code and returns, or closes a channel, wants that code. One that
// closes a channel may do so on its way out of a panic. A network connection
// that the group drops did not fail.
func (c *closer[M]) prefer(e *ending) *ending {
	switch {
	case e.gone() && c.member.isDropped():
		return groupEnding()
	case !e.implied:
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

// named returns the ending with the code that the handler has named; e where it
// has not.
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

// conclude has the writer flush and send the close frame, and the reader go on
// for just as long as that serves something. It returns the ending to tell of.
func (c *closer[M]) conclude(e *ending) *ending {
	c.end = e
	if !e.gone() {
		// The writer may be blocked in a write, and the client is not pinged any more.
		flush := c.flushTime(e)
		c.wire.Writing.Until(flush)
		c.wire.Reading.Until(flush + lingerWait)
		c.wire.Reading.Wait(0)
	}
	close(c.flushing)
	c.control.wakeWriter()
	c.attend(c.written, never, c.offers)
	if !closed(c.written) {
		// The peer may read nothing until we read; so drop its messages.
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

// flushTime is how long the flush may take. A peer that has closed, or has broken the
// rules, is not waited for as long as one that the handler has something to say to.
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

// lingerTime is how long the reader may go on after the close frame. Where the
// peer has closed first, TCP is to be closed at once (RFC 6455, 7.1.1): that
// waits only for what was on its way already.
func lingerTime(e *ending) time.Duration {
	if e.by == byClient {
		return quietWait
	}
	return lingerWait
}

// readRest lets the reader go on after the network connection has failed a
// write: what the peer sent before, its close frame above all, still waits to
// be read. When the handler has no more patience, it is read to the end without
// being offered. A peer that is there but does not read may go on sending, and
// is not listened to for as long.
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

// deafen has the reader drop what it reads.
func (c *closer[M]) deafen() {
	if !closed(c.deaf) {
		close(c.deaf)
	}
}

// tell tells the handler of the end, when it had the time to take what the peer
// had sent.
func (c *closer[M]) tell(e *ending) {
	c.attend(nil, func() bool { return len(c.receiver) == 0 }, always)
	if c.config.log.logs(e.level()) { // the arguments cost allocations
		c.logf(e.level(), "closed by %s, code %d: %.*q", e.by, e.code, e.maxText(),
			e.why())
	}
	c.member.ended(e)
	if e.err != nil {
		c.errors <- e.err
		// A handler that selects on both channels would otherwise see one of
		// them at random.
		c.attend(nil, func() bool { return len(c.errors) == 0 }, always)
	}
	c.cancel(e.why())
	c.done <- true
	// Give a busy handler time to read true: once both are closed, its select
	// could read nil from errors.
	c.attend(nil, func() bool { return len(c.done) == 0 }, always)
	close(c.done)
	close(c.errors)
}

// attend returns when the state has ended, or over reports true, or the handler
// has returned, or it has taken no message for quietWait although it was
// offered one. A channel does not tell when it becomes empty, so this has to
// look again and again, ever more rarely.
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
		// The waits count, not the clock: on a machine that is too busy to run
		// this goroutine the handler has not run either.
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

// taken is how many messages the handler has taken from the receiver.
func (c *closer[M]) taken() int64 { return c.delivered.Load() - int64(len(c.receiver)) }

// offers reports whether a message waits for the handler.
func (c *closer[M]) offers() bool { return c.offering.Load() || len(c.receiver) > 0 }
