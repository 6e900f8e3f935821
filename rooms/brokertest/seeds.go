package brokertest

import (
	"flag"
	"fmt"
	"testing"
)

// Seeds holds the seeds with which the simulations of a test binary run. Make it with
// [SeedFlags].
type Seeds struct {
	many int
	one  int64 // negative: many
}

// failures is how many seeds may fail before Run gives up.
const failures = 3

// SeedFlags defines two flags of the test binary: -seeds is how many seeds to run,
// beginning with 0, and many is its default; -seed runs one seed alone. Call SeedFlags
// once, for a variable of the package, because flags must exist before they are parsed.
//
//	var seeds = brokertest.SeedFlags(200)
func SeedFlags(many int) *Seeds {
	s := &Seeds{}
	flag.IntVar(&s.many, "seeds", many, "how many seeds the simulations run")
	flag.Int64Var(&s.one, "seed", -1, "run the simulations with this seed alone")
	return s
}

// Run runs a test with each seed. If one fails, it prints how to run that seed again.
// After a few failures it stops.
func (s *Seeds) Run(t *testing.T, run func(t *testing.T, seed uint64)) {
	t.Helper()
	first, last := uint64(0), uint64(max(s.many, 0))
	if s.one >= 0 {
		first, last = uint64(s.one), uint64(s.one)+1
	}
	failed := 0
	for seed := first; seed < last && failed < failures; seed++ {
		ok := t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { run(t, seed) })
		if !ok {
			failed++
			t.Errorf("again: go test -run '^%s$' -seed %d -count 10", t.Name(), seed)
		}
	}
}
