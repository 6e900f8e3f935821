package brokertest

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// Sim is a network of processes within one test. Use it in a testing/synctest bubble. Its
// time is the bubble's, so an hour takes only a moment.
//
//	synctest.Test(t, func(t *testing.T) {
//		sim := brokertest.NewSim(t, seed)
//		a, b := sim.Start(), sim.Start()
//		chat := rooms.New(&rooms.Options[string]{Broker: a.Broker()})
//		b.SetConditions(brokertest.Conditions{Island: 1}) // a and b are apart
//		sim.Heal()
//	})
//
// All its random choices come from the seed. The same seed gives the same history, unless
// goroutines run at the same instant. All methods are safe for concurrent use.
type Sim struct {
	t    testing.TB
	seed uint64

	mu        sync.Mutex // protects the fields below, and all of a Process
	processes []*Process
}

// NewSim makes a network without processes. At the end of the test, a cleanup kills the
// remaining processes, and fails the test if one of their brokers was misused.
func NewSim(t testing.TB, seed uint64) *Sim {
	s := &Sim{t: t, seed: seed}
	t.Cleanup(s.killAll)
	return s
}

// Start starts a process. To restart a process, start a new one.
func (s *Sim) Start() *Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := newProcess(s, len(s.processes))
	s.processes = append(s.processes, p)
	return p
}

// Heal gives all processes the conditions of a good network.
func (s *Sim) Heal() {
	for _, p := range s.living() {
		p.SetConditions(Conditions{})
	}
}

func (s *Sim) killAll() {
	for _, p := range s.living() {
		p.Kill()
	}
}

// living returns the processes that were not killed, in the order of their start.
func (s *Sim) living() []*Process {
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
func (s *Sim) stream(purpose, a, b int) *rand.Rand {
	return rand.New(rand.NewPCG(s.seed, uint64(purpose)<<32|uint64(a)<<16|uint64(b)))
}

// The purposes of streams.
const (
	forLink = 1 + iota
	forBroker
)
