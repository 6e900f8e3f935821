package history

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// run is what all histories have: the seed's numbers, the steps, and what is wrong. Its
// steps are taken by one goroutine.
type run struct {
	t     *testing.T
	rand  *rand.Rand
	pace  time.Duration // the longest pause between two steps
	begun time.Time

	breaks func(r *rand.Rand) (what string, mend func()) // nil if nothing breaks
	broken []func()                                      // mends
	failed func(args ...any)                             // t.Error

	servers func() string // World.Servers, or nil

	mu    sync.Mutex // protects steps
	steps []string
}

// newRun begins the history of a seed. Kind tells the kinds of histories apart.
func newRun(t *testing.T, seed, kind uint64, pace time.Duration) *run {
	r := &run{t: t, rand: rand.New(rand.NewPCG(seed, kind)), pace: pace,
		begun: time.Now(), failed: t.Error}
	t.Cleanup(r.show)
	return r
}

// newRand returns a source of random numbers for another goroutine.
func (r *run) newRand() *rand.Rand { return rand.New(rand.NewPCG(r.rand.Uint64(), 2)) }

// take takes a number of steps.
func (r *run) take(steps int, step func() string) {
	for range steps {
		r.note(step())
		time.Sleep(draw(r.rand, r.pace))
	}
}

// breakOrMend breaks something more, or mends all, if there is something to break.
func (r *run) breakOrMend() string {
	switch {
	case r.breaks == nil:
		return "wait"
	case len(r.broken) > 0 && r.rand.IntN(2) == 0:
		return r.mend()
	}
	return r.breakSome()
}

// breakSome breaks something more.
func (r *run) breakSome() string {
	what, mend := r.breaks(r.rand)
	r.broken = append(r.broken, mend)
	return "break: " + what
}

// mend mends all that is broken.
func (r *run) mend() string {
	for _, mend := range r.broken {
		mend()
	}
	r.broken = nil
	return "mend"
}

func (r *run) note(step string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.steps = append(r.steps, fmt.Sprintf("%8.3fs %s", time.Since(r.begun).Seconds(), step))
}

// show prints the steps of a history that has failed.
func (r *run) show() {
	if r.t.Failed() || testing.Verbose() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.t.Logf("the steps:\n\t%s", strings.Join(r.steps, "\n\t"))
	}
}

// fault reports what is wrong, also among the steps.
func (r *run) fault(format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	r.note("FAULT " + what)
	r.failed(what)
}

// extensions is how often more it waits for servers that do not work.
const extensions = 5

// await polls until there is no complaint.
func (r *run) await(what string, patience time.Duration, complaint func() string) {
	r.t.Helper()
	late := 0
	for deadline := time.Now().Add(patience); ; time.Sleep(r.pace / 8) {
		reason := complaint()
		if reason == "" {
			return
		}
		if time.Now().After(deadline) {
			if late++; late <= extensions && r.servers != nil {
				if away := r.servers(); away != "" {
					r.note("the servers do not work: " + away)
					deadline = time.Now().Add(patience)
					continue
				}
			}
			r.fault("waited %v in vain: %s: %s", patience, what, reason)
			return
		}
	}
}

// filter returns those of all that keep returns true for.
func filter[T any](all []T, keep func(T) bool) (some []T) {
	for _, one := range all {
		if keep(one) {
			some = append(some, one)
		}
	}
	return some
}

// draw returns up to d, and at least a nanosecond: so it is not the same instant again.
func draw(r *rand.Rand, d time.Duration) time.Duration {
	return 1 + time.Duration(r.Int64N(int64(d)))
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func yield(times int) {
	for range times {
		runtime.Gosched()
	}
}
