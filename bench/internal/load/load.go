// Package load is the client side: what is sent, what must come back, and what is
// measured meanwhile. A wrong answer, one too few or one too many fails the run; there
// are no figures from a server that loses messages.
package load

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// ErrWrong is returned when what came back is not what must.
var ErrWrong = errors.New("load: wrong answer")

// Server is what a load runs against; proc.Server is one.
type Server interface {
	Address() string
	Usage(context.Context) (serve.Usage, error)
	Collect(context.Context) (serve.Usage, error) // the same, after all garbage is gone
	// AwaitJoined returns when a broadcast would reach n clients.
	AwaitJoined(ctx context.Context, n int) error
}

// Figure is one thing that a round measured.
type Figure struct {
	Name  string
	Value float64
}

// Figures are what one round measured, in the order in which they are printed.
type Figures []Figure

// Window is how long a load runs before the clock starts, and while it does, and how long
// a server may send nothing at all while something is under way, before that counts as
// lost or frozen.
type Window struct {
	Warm, Measure, Patience time.Duration
}

// spare is what a connection may live longer than its window, to connect, to drain and to
// be late on a busy machine. What is lost is noticed long before, by Window.Patience.
const spare = time.Minute

// dial opens n clients that reset as soon as ctx ends, so that no read can outlive it.
// The caller calls hangUp.
func dial(
	ctx context.Context, s Server, path string, n int, o client.Options,
) (g client.Group, hangUp func(), err error) {
	g, err = client.DialMany(ctx, s.Address(), path, n, o)
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, g.Close)
	return g, func() { stop(); g.Close() }, nil
}

// measure waits out the window and returns what the server has used and the number of
// messages that count returned, both within it.
func measure(
	ctx context.Context, s Server, w Window, count func() int64,
) (used serve.Usage, n int64, err error) {
	if err := sleep(ctx, w.Warm); err != nil {
		return used, 0, err
	}
	before, err := s.Usage(ctx)
	n0 := count()
	if err != nil {
		return used, 0, err
	}
	if err := sleep(ctx, w.Measure); err != nil {
		return used, 0, err
	}
	used, err = s.Usage(ctx)
	n = count() - n0
	if err == nil && n <= 0 {
		err = fmt.Errorf("%w: none in %v", ErrWrong, w.Measure)
	}
	used.CPU -= before.CPU
	used.Allocs -= before.Allocs
	used.Allocated -= before.Allocated
	return used, n, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// micros is the CPU time of one message in microseconds.
func micros(cpu time.Duration, n int64) float64 {
	return float64(cpu.Nanoseconds()) / 1e3 / float64(n)
}

// rate is in thousands a second.
func rate(n int64, wall time.Duration) float64 { return float64(n) / wall.Seconds() / 1e3 }
