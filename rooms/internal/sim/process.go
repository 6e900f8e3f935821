package sim

import (
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Process is a process on a [Network], or a service that processes reach over it. One
// goroutine handles everything that arrives, one after the other.
type Process struct {
	sim    *Network
	id     int
	broker *broker
	inbox  chan func()
	quit   chan struct{} // closed by Kill
	ended  sync.WaitGroup

	// sim.mu protects the fields below.
	conditions Conditions
	links      map[*Process]*link // from this one
	hasRooms   bool
	dead       bool
}

// newProcess is called with sim.mu.
func newProcess(s *Network, id int) *Process {
	p := &Process{
		sim:   s,
		id:    id,
		inbox: make(chan func()),
		quit:  make(chan struct{}),
		links: make(map[*Process]*link),
	}
	p.broker = newBroker(p)
	p.ended.Go(p.run)
	return p
}

// Broker returns the process's broker, always the same. It keeps the promises of
// [rooms.Broker] under all [Conditions]: it reports every loss to the subscribers, within
// six seconds after the conditions are good again. A process for which Broker was never
// called is a service, which the brokers ignore.
func (p *Process) Broker() rooms.Broker {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	p.hasRooms = true
	return p.broker
}

// SetConditions sets the conditions of the process from now on. When a stall ends, the
// messages that it delayed go out.
func (p *Process) SetConditions(c Conditions) {
	s := p.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	p.conditions = c
	for _, from := range s.processes {
		for to, l := range from.links {
			if !between(from.conditions, to.conditions).Stalled {
				l.release()
			}
		}
	}
}

// Conditions returns the conditions of the process.
func (p *Process) Conditions() Conditions {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.conditions
}

// Send sends a message to another process, and calls deliver there: not at all, once or
// twice, now or later, as the conditions demand. It does not block. deliver runs on the
// goroutine of the receiving process; other messages wait until it returns.
func (p *Process) Send(to *Process, deliver func()) {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	if p.dead || to.dead {
		return
	}
	l := p.links[to]
	if l == nil {
		l = &link{to: to, rand: p.sim.stream(forLink, p.id, to.id)}
		p.links[to] = l
	}
	l.send(between(p.conditions, to.conditions), deliver)
}

// Kill ends the process as kill -9 does: it sends and receives nothing more. What it has
// sent may still reach the others. Its memory stays, so that the test can look at it. A
// deliver function of the process must not call Kill. Calling Kill again is allowed.
func (p *Process) Kill() {
	p.sim.mu.Lock()
	dead := p.dead
	p.dead = true
	p.sim.mu.Unlock()
	if !dead {
		close(p.quit)
	}
	p.ended.Wait()
}

// talks reports whether other brokers exchange messages with this process.
func (p *Process) talks() bool {
	p.sim.mu.Lock()
	defer p.sim.mu.Unlock()
	return p.hasRooms && !p.dead
}

// run handles what arrives. It ends when the process is killed.
func (p *Process) run() {
	beat := time.NewTicker(p.broker.every)
	defer beat.Stop()
	for {
		select {
		case deliver := <-p.inbox:
			deliver()
		case <-beat.C:
			p.broker.beat()
		case <-p.quit:
			return
		}
	}
}
