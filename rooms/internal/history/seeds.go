package history

import (
	"flag"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Seeds holds the seeds with which the simulations of a test binary run. Make it with
// [SeedFlags].
type Seeds struct {
	many   int
	atOnce int
	one    int64 // negative: many
	last   time.Duration
}

// failures is how many seeds may fail before Run gives up.
const failures = 3

// SeedFlags defines two flags of the test binary: -seeds is how many seeds to run,
// beginning with 0, and many is its default; -seed runs one seed alone; -for runs as many
// as it can in that time, beginning with the time of day. Call SeedFlags once, for a
// variable of the package, because flags must exist before they are parsed.
//
// AtOnce is how many run at the same time: more than one if they mostly wait for a
// server.
//
//	var seeds = history.SeedFlags(200, 1)
func SeedFlags(many, atOnce int) *Seeds {
	s := &Seeds{atOnce: atOnce}
	flag.IntVar(&s.many, "seeds", many, "how many seeds the simulations run")
	flag.Int64Var(&s.one, "seed", -1, "run the simulations with this seed alone")
	flag.DurationVar(&s.last, "for", 0, "run as many seeds as that time allows")
	return s
}

// Run runs a test with each seed, or with a quarter of them if tests are to be short: with
// the race detector they take ten times as long. If one fails, it prints how to run that
// seed again. After a few failures it stops.
func (s *Seeds) Run(t *testing.T, run func(t *testing.T, seed uint64)) {
	t.Helper()
	first, last := uint64(0), uint64(max(s.many, 0))
	if testing.Short() {
		last = (last + 3) / 4
	}
	if s.one >= 0 {
		first, last = uint64(s.one), uint64(s.one)+1
	}
	begun := time.Now()
	if s.last > 0 {
		first = uint64(begun.Unix())
		last = first + 1<<32
	}
	var next, failed atomic.Uint64
	next.Store(first)
	var running sync.WaitGroup
	for range s.atOnce {
		running.Go(func() {
			for failed.Load() < failures && (s.last == 0 || time.Since(begun) < s.last) {
				seed := next.Add(1) - 1
				if seed >= last {
					return
				}
				if !t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { run(t, seed) }) {
					failed.Add(1)
					t.Errorf("again: go test -run '^%s$' -seed %d -count 10", t.Name(), seed)
				}
			}
		})
	}
	running.Wait()
}
