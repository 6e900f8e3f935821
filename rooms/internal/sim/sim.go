// Package sim has a network of processes in the fake time of testing/synctest. It splits
// and stalls, and loses, delays and duplicates messages. A broker in its bubble must not
// hold a mutex while it waits for time to pass: a goroutine that waits for the mutex
// would stop the clock.
package sim

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// Network is a network of processes within one test. Use it in a testing/synctest bubble.
// Its time is the bubble's, so an hour takes only a moment.
//
//	synctest.Test(t, func(t *testing.T) {
//		net := sim.New(t, seed)
//		a, b := net.Start(), net.Start()
//		chat := rooms.New(&rooms.Options[string]{Broker: a.Broker()})
//		b.SetConditions(sim.Conditions{Island: 1}) // a and b are apart
//		b.SetConditions(sim.Conditions{})
//	})
//
// All its random choices come from the seed. The same seed gives the same history, unless
// goroutines run at the same instant. All methods are safe for concurrent use.
type Network struct {
	t    testing.TB
	seed uint64

	mu        sync.Mutex // protects the fields below, and all of a Process
	processes []*Process
}

// New makes a network without processes. At the end of the test, a cleanup kills the
// remaining processes, and fails the test if one of their brokers was misused.
func New(t testing.TB, seed uint64) *Network {
	s := &Network{t: t, seed: seed}
	t.Cleanup(s.killAll)
	return s
}

// Start starts a process. To restart a process, start a new one.
func (s *Network) Start() *Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := newProcess(s, len(s.processes))
	s.processes = append(s.processes, p)
	return p
}

func (s *Network) killAll() {
	for _, p := range s.living() {
		p.Kill()
	}
}

// living returns the processes that were not killed, in the order of their start.
func (s *Network) living() []*Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*Process
	for _, p := range s.processes {
		if !p.dead {
			all = append(all, p)
		}
	}
	return all
}

// stream returns random numbers of their own for one purpose, so that the order in which
// goroutines draw does not matter.
func (s *Network) stream(purpose, a, b int) *rand.Rand {
	return rand.New(rand.NewPCG(s.seed, uint64(purpose)<<32|uint64(a)<<16|uint64(b)))
}

// The purposes of streams.
const (
	forLink = 1 + iota
	forBroker
)
