package brokertest

import (
	"flag"
	"fmt"
	"testing"
)

// Seeds are the seeds that the simulations of one test binary run. Make it with
// [SeedFlags].
type Seeds struct {
	many int
	one  int64 // negative: many
}

// failures is how many seeds may fail before Run gives up.
const failures = 3

// SeedFlags defines two flags of the test binary: -seeds is how many seeds to run, from
// 0 on, many if it is not given, and -seed runs that one alone. Call it once, for a
// variable of the package: flags must be there before the tests parse them.
//
//	var seeds = brokertest.SeedFlags(200)
func SeedFlags(many int) *Seeds {
	s := &Seeds{}
	flag.IntVar(&s.many, "seeds", many, "how many seeds the simulations run")
	flag.Int64Var(&s.one, "seed", -1, "run the simulations with this seed alone")
	return s
}

// Run runs a test with each seed, and tells how to run one again that has failed. It
// stops after a few of those.
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
