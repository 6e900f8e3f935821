package sockets

import (
	"math"
	"math/rand/v2"
	"time"
)

// pulse knows when to ping the client, and when the client is silent: it had a ping and
// the time to answer, and nothing came (contract 3.4). Only the closer uses a pulse.
//
// Silence is counted in waits, not in time. If the process was stopped, by a debugger
// or with its virtual machine, one wait lasts too long, and counts as if it had not. So
// that the client has time to answer after such a wait, the last part of the silence is
// counted in several waits.
type pulse struct {
	period time.Duration // the longest time between two pings; 0 if pings are off
	limit  time.Duration // how long the client may be silent; 0 if it may be for ever
	look   time.Duration // the longest wait, see shortestLook

	wait  time.Duration // the current wait
	ping  time.Duration // until the next ping
	quiet time.Duration // since the last sign of life
	step  time.Duration // the longest wait while the client owes an answer; otherwise 0

	since  time.Duration // when the Read began that the last beat found waiting
	unsent int           // bytes in the network's buffer at the last sample
	acked  int64         // bytes that had left that buffer at the last sample
}

// network is what a pulse looks at: a *wire.Conn.
type network interface {
	Age() time.Duration
	Waiting() (since time.Duration, ok bool)
	Unsent() int
	Written() int64
}

// shortestLook is the least time after which the closer sets the deadline of a write
// again. Others may have removed it, with net/http's ResponseController.
const shortestLook = 5 * time.Second

// steps is the number of waits in the last part of the silence.
const steps = 4

func newPulse(c *config) pulse {
	p := pulse{period: c.pingPeriod, limit: c.pongWait, look: math.MaxInt64}
	if c.writeWait > 0 {
		p.look = max(c.writeWait, shortestLook)
	}
	p.ping = p.nextPing()
	if p.period == 0 {
		p.step = (p.limit + steps - 1) / steps // nothing is asked: all silence counts
	}
	return p
}

// nextPing returns the time until the next ping: a random one in the last fifth of a
// period, or the longest possible if pings are off.
func (p *pulse) nextPing() time.Duration {
	if p.period == 0 {
		return math.MaxInt64
	}
	return p.period - rand.N(p.period/5+1)
}

// next begins the next wait.
func (p *pulse) next() time.Duration {
	p.wait = min(p.ping, p.look)
	if p.step > 0 {
		p.wait = min(p.wait, p.step, p.limit-p.quiet)
	}
	return p.wait
}

// beat is called after each wait.
func (p *pulse) beat(net network) (ping, silent bool) {
	p.ping -= p.wait
	p.quiet += p.wait
	if p.hears(net) && p.period > 0 {
		p.step = 0
	}
	if p.ping <= 0 {
		p.ping, ping = p.nextPing(), true
		if p.limit > 0 && p.step == 0 {
			p.step = max((p.limit-p.quiet)/steps, 1)
			p.sample(net)
		}
	}
	return ping, p.step > 0 && p.quiet >= p.limit
}

// hears reports whether the silence was broken since the last beat, and corrects quiet.
// Bytes from the client break it. While the reader waits for the handler, nothing can
// come, so that is no silence. A client that reads slowly may have a minute of data
// before it gets the ping; while the network sends some of that, the client is there.
func (p *pulse) hears(net network) bool {
	since, waiting := net.Waiting()
	switch {
	case !waiting:
		p.quiet = 0
	case since != p.since:
		p.since = since
		p.quiet = min(p.wait, net.Age()-since)
	case p.step > 0 && p.sample(net):
		p.quiet = 0
	default:
		return false
	}
	return true
}

// sample reports whether the network has sent some of what waited in its buffer at the
// last sample.
func (p *pulse) sample(net network) bool {
	waited, before := p.unsent, p.acked
	p.unsent = net.Unsent()
	p.acked = net.Written() - int64(p.unsent)
	return waited > 0 && p.acked > before
}
