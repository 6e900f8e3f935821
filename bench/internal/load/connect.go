package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
)

// The figures of a whole life of a connection.
const (
	ConnectCPU    = "µs" // CPU time of the server
	ConnectAllocs = "allocations"
	ConnectBytes  = "KB allocated"
)

// Connect opens connections one after another, AtOnce of them at a time. Each sends one
// message, takes the answer, sends a close frame, waits for the server's, and closes TCP.
type Connect struct {
	Path    string
	Payload []byte
	AtOnce  int
	Window
}

// Run measures one round.
func (c Connect) Run(ctx context.Context, s Server) (Figures, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var lives atomic.Int64
	var ending atomic.Bool
	var callers sync.WaitGroup
	for range c.AtOnce {
		callers.Go(func() {
			for !ending.Load() && ctx.Err() == nil {
				if err := c.live(ctx, s); err != nil {
					cancel(fmt.Errorf("connection %d: %w", lives.Load(), err))
				}
				lives.Add(1)
			}
		})
	}
	used, n, err := measure(ctx, s, c.Window, lives.Load)
	ending.Store(true)
	callers.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	return Figures{
		{ConnectCPU, micros(used.CPU, n)},
		{ConnectAllocs, float64(used.Allocs) / float64(n)},
		{ConnectBytes, float64(used.Allocated) / 1024 / float64(n)},
	}, err
}

// live is one connection, from its handshake to its end. It leaves as a browser does,
// without a reset.
func (c Connect) live(ctx context.Context, s Server) error {
	conn, err := client.Dial(ctx, s.Address(), c.Path, client.Options{
		ReadBuffer: 512 + len(c.Payload), Timeout: c.Warm + c.Measure + spare})
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := conn.SetLinger(-1); err != nil {
		return err
	}
	if _, err := conn.Write(frame.Text(c.Payload)); err != nil {
		return err
	}
	n, err := conn.Batch(func(p []byte) error {
		if !bytes.Equal(p, c.Payload) {
			return fmt.Errorf("%w: %q, want %q", ErrWrong, p, c.Payload)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if n != 1 {
		return fmt.Errorf("%w: %d messages, want 1", ErrWrong, n)
	}
	if _, err := conn.Write(frame.Close(1000)); err != nil {
		return err
	}
	n, err = conn.Batch(func([]byte) error { return nil })
	if closed := new(frame.CloseError); n > 0 || !errors.As(err, &closed) {
		return fmt.Errorf("%w: %d messages, %w, want a close frame", ErrWrong, n, err)
	}
	return nil
}
