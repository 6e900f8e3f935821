package sockets

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/gorilla/websocket"
)

// await returns the first reason to end the connection. Until there is one it has the writer ping.
func (b *bridge[M]) await() *ending {
	ping := time.NewTimer(b.nextPing())
	defer ping.Stop()
	for {
		select {
		case e := <-b.endings:
			return b.preferred(e)
		case code := <-b.disconnect:
			return handlerEnding(code, "")
		case <-b.returned:
			if b.panicked {
				return panicEnding()
			}
			return b.preferred(impliedEnding())
		case <-b.request.Done():
			return contextEnding(b.request)
		case <-ping.C:
			ping.Reset(b.nextPing())
			b.pingDue.Store(true)
			b.wakeWriter()
		}
	}
}

// nextPing is the time to the next ping: a random one of the last fifth of a period, or the longest there is where pings are off.
func (b *bridge[M]) nextPing() time.Duration {
	period := b.config.pingPeriod
	if period == 0 {
		return math.MaxInt64
	}
	return period - rand.N(period/5+1)
}

// preferred replaces e where something else that has happened says more about the end: a handler that gives a code and
// returns, or closes the sender, wants that code, and a network connection that the group has dropped did not fail.
func (b *bridge[M]) preferred(e *ending) *ending {
	switch {
	case e.gone() && b.member.isStopped():
		return groupEnding()
	case e.implied:
		select {
		case code := <-b.disconnect:
			return handlerEnding(code, "")
		default:
		}
		for range len(b.endings) {
			if other := <-b.endings; other.by == byHandler && !other.implied {
				return other
			}
		}
	}
	return e
}

// allowed replaces a code that must not be sent, but for the two that say how to do without one.
func (b *bridge[M]) allowed(e *ending) *ending {
	if !e.ours() || sendable(e.code) || e.code == websocket.CloseNoStatusReceived || e.code == websocket.CloseAbnormalClosure {
		return e
	}
	b.logf(LogLevelWarning, "close code %d must not be sent, 1011 is sent instead", e.code)
	return handlerEnding(websocket.CloseInternalServerErr, e.reason)
}

// conclude ends the connection over e: it has the writer flush and send the close frame, and the reader go on for just as long as
// that serves something.
func (b *bridge[M]) conclude(e *ending) {
	// First, because the writer may be blocked in a write. The client is not pinged any more, and has not to say anything.
	wait := b.flushTime(e)
	b.wire.writing.limit(wait)
	b.wire.reading.extend(wait)
	b.end = e
	close(b.finishing)
	b.wakeWriter()
	<-b.written
	if b.end.by == byWriter && b.end.gone() {
		b.readRest()
	}
	close(b.deaf)
	if b.closeSent {
		b.wire.reading.limit(b.lingerTime())
	} else {
		b.wire.Close()
	}
}

// flushTime is how long the flush may take. A peer that has closed, or has broken the rules, is not waited for as long as one that the
// handler has something to say to.
func (b *bridge[M]) flushTime(e *ending) time.Duration {
	switch wait := b.config.writeWait; {
	case e.ours() && wait > 0:
		return wait
	case e.ours():
		return defaultWait
	case wait > 0:
		return min(wait, lingerWait)
	}
	return lingerWait
}

// lingerTime is how long the reader may go on after our close frame. Where the peer has closed first, TCP is to be closed at once
// (RFC 6455, 7.1.1): that waits only for what was on its way already.
func (b *bridge[M]) lingerTime() time.Duration {
	if b.end.by == byPeer {
		return quietWait
	}
	return lingerWait
}

// readRest lets the reader go on where a write has failed: what the peer sent before, its close frame above all, may
// still wait to be read. A peer that is still there, but does not read, may have sent nothing, and is not waited for as long.
func (b *bridge[M]) readRest() {
	wait := restWait
	if isTimeout(b.end.err) {
		wait = quietWait
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	b.waitWhileTaken(b.read.Load, b.offering.Load, timer.C)
	for {
		select {
		case e := <-b.endings:
			if e.by == byPeer {
				b.end = e
			}
		default:
			return
		}
	}
}

// tell tells the handler of the end, when it had the time to take what the peer had sent before.
func (b *bridge[M]) tell() {
	b.waitWhileTaken(func() bool { return len(b.receiver) == 0 }, always, nil)
	if err := b.end.err; err != nil {
		b.logf(LogLevelError, "closed: %q", err.Error())
		b.errors <- err
		// A handler that selects on both channels would else see one of them at random.
		b.waitWhileTaken(func() bool { return len(b.errors) == 0 }, always, nil)
	} else {
		b.logf(LogLevelInfo, "closed: %q", b.end.cause.Error())
	}
	b.cancel(b.end.why())
	b.done <- true
	// A handler that is busy would else find two channels closed, and a nil error in one of them.
	b.waitWhileTaken(func() bool { return len(b.done) == 0 }, always, nil)
	close(b.done)
	close(b.errors)
}

// waitWhileTaken returns when until reports true, when the handler has taken no message for quietWait although it was offered one, when it has
// returned, or when stop fires. A channel does not tell when it becomes empty, so this has to look again and again, ever more rarely.
func (b *bridge[M]) waitWhileTaken(until, offered func() bool, stop <-chan time.Time) {
	taken, since := b.taken(), time.Now()
	for wait := time.Millisecond; !until(); wait = min(2*wait, quietWait/8) {
		select {
		case <-time.After(wait):
		case <-stop:
			return
		case <-b.returned:
			return
		}
		if now := b.taken(); now != taken || !offered() {
			taken, since = now, time.Now()
		} else if time.Since(since) >= quietWait {
			return
		}
	}
}

func always() bool { return true }

// taken is how many messages the handler has taken from the receiver.
func (b *bridge[M]) taken() int64 {
	return b.delivered.Load() - int64(len(b.receiver))
}
