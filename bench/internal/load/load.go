// Package load is the client side: what is sent, what must come back, and what is
// measured meanwhile. A wrong answer, one too few or one too many fails the run; there
// are no figures from a server that loses messages.
package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

var (
	// ErrWrong is returned when what came back is not what must.
	ErrWrong = errors.New("load: wrong answer")
	// ErrFrozen is returned when nothing has reached anyone for Window.Patience, while
	// something was under way.
	ErrFrozen = errors.New("load: frozen")
)

// Window is how long a load runs: Warm before the clock starts, Measure while it runs.
// Patience is how long a server may send nothing while something is under way.
type Window struct{ Warm, Measure, Patience time.Duration }

// Figure is one thing that a round measured.
type Figure struct {
	Name  string
	Value float64
}

// Load is what clients do in a round. It returns figures in the order in which they are
// printed.
type Load func(*Round) []Figure

// Round is one round of a load.
type Round struct {
	context.Context
	Window
	serve.Server
	fail    context.CancelCauseFunc
	ending  atomic.Bool // clients finish what is under way
	clients sync.WaitGroup
}

// Run runs one round, for some minutes at most. What is lost is noticed long before.
func (l Load) Run(ctx context.Context, s serve.Server, w Window) ([]Figure, error) {
	ctx, stop := context.WithTimeout(ctx, w.Warm+2*w.Measure+3*time.Minute)
	defer stop()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	r := &Round{Context: ctx, Window: w, Server: s, fail: fail}
	var figures []Figure
	var load sync.WaitGroup
	load.Go(func() { figures = l(r) })
	load.Wait()
	r.ending.Store(true)
	r.clients.Wait()
	return figures, context.Cause(ctx)
}

// must is to a Round what FailNow is to a test: the first error ends the round, with its
// connections, and every goroutine that calls must from then on.
func (r *Round) must(err error) {
	if err != nil {
		r.fail(err)
	}
	if r.Err() != nil {
		runtime.Goexit()
	}
}

// repeat lets so many clients call f, which counts one message or life, until the round
// is ending. The round waits for them.
func (r *Round) repeat(clients int, f func(client int)) *atomic.Int64 {
	count := new(atomic.Int64)
	for i := range clients {
		r.clients.Go(func() {
			for ; !r.ending.Load(); count.Add(1) {
				f(i)
			}
		})
	}
	return count
}

func (r *Round) usage(collect bool) serve.Usage {
	u, err := r.Usage(collect)
	r.must(err)
	return u
}

func (r *Round) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-r.Done():
		runtime.Goexit()
	}
}

// measure waits for the window to end, or longer if nothing came in it. It returns what
// the server has used in that time, and by how much counter rose. From then on the round
// is ending.
func (r *Round) measure(counter *atomic.Int64) (used serve.Usage, n float64) {
	r.sleep(r.Warm)
	before, n0 := r.usage(false), counter.Load()
	late := time.Now().Add(r.Measure + r.Patience)
	for r.sleep(r.Measure); counter.Load() == n0; r.sleep(r.Measure) {
		if time.Now().After(late) {
			r.must(fmt.Errorf("%w: none in %v", ErrWrong, r.Patience))
		}
	}
	used, n = r.usage(false), float64(counter.Load()-n0)
	r.ending.Store(true)
	used.CPU -= before.CPU
	used.System -= before.System
	used.Allocs -= before.Allocs
	return used, n
}

// micros is the figure of CPU time: of one message, in microseconds.
func micros(cpu time.Duration, n float64) Figure { return Figure{"µs", float64(cpu) / 1e3 / n} }

// mustBe compares what came with what must. It does not look at a line feed at the end,
// which json.Encoder writes.
func (r *Round) mustBe(p, want []byte) {
	end := []byte("\n")
	if !bytes.Equal(bytes.TrimSuffix(p, end), bytes.TrimSuffix(want, end)) {
		r.must(fmt.Errorf("%w: %.64q, want %.64q", ErrWrong, p, want))
	}
}
