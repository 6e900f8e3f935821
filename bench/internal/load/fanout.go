package load

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
)

// FanCPU is the figure of a fan-out: CPU time of the server a delivery, which is one
// message to one member.
const FanCPU = "µs"

// FanOut lets one member send a burst, which the server must deliver to every member, the
// sender too, and then the next.
type FanOut struct {
	Path    string
	Payload []byte
	Members int
	Burst   int
	Window
}

// Run measures one round.
func (f FanOut) Run(ctx context.Context, s Server) (Figures, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	members, hangUp, err := dial(ctx, s, f.Path, f.Members, client.Options{
		ReadBuffer: 16<<10 + 2*len(f.Payload), Timeout: f.Warm + f.Measure + spare})
	if err != nil {
		return nil, err
	}
	defer hangUp()
	if err := s.AwaitJoined(ctx, f.Members); err != nil {
		return nil, err
	}
	counts := make([]int64, f.Members)
	a := newAudience(members, f.Patience, cancel, func(member, _ int, p []byte) error {
		counts[member]++
		if !bytes.Equal(p, f.Payload) {
			return fmt.Errorf("%w: %q, want %q", ErrWrong, p, f.Payload)
		}
		return nil
	})
	var ending atomic.Bool
	waves := make(chan int64, 1)
	go func() { // ends when ending is set, or a wave fails
		n, err := f.waves(ctx, a, &ending)
		if err != nil {
			cancel(err)
		}
		waves <- n
	}()
	used, n, err := measure(ctx, s, f.Window, a.got.Load)
	ending.Store(true)
	sent := <-waves
	a.end()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	for i, got := range counts {
		if got != sent {
			return nil, fmt.Errorf("%w: member %d got %d messages of %d",
				ErrWrong, i, got, sent)
		}
	}
	return Figures{{FanCPU, micros(used.CPU, n)}}, err
}

// waves sends one burst after the other and returns how many messages these were.
func (f FanOut) waves(
	ctx context.Context, a *audience, ending *atomic.Bool,
) (sent int64, err error) {
	frames := frame.Repeat(frame.Text(f.Payload), f.Burst)
	for !ending.Load() {
		err := a.broadcast(ctx, f.Burst, func() error {
			_, err := a.members[0].Write(frames)
			return err
		})
		if err != nil {
			return sent, err
		}
		sent += int64(f.Burst)
	}
	return sent, nil
}
