package load

import (
	"context"
	"fmt"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
)

// IdleMemory is the figure of connections at rest: resident memory of the server a connection, once all garbage is gone.
const IdleMemory = "KB"

// Idle opens many connections, sends one message on each so that none is a connection that has never worked, and lets
// them rest.
type Idle struct {
	Path    string
	Payload []byte
	Conns   int
	Window
}

// Run measures one round.
func (i Idle) Run(ctx context.Context, s Server) (Figures, error) {
	const first = 64 // so that what the server needs once, however many clients, is in the first figure
	if err := i.visit(ctx, s, min(first, i.Conns), func() error { return nil }); err != nil {
		return nil, err
	}
	before, err := s.Collect(ctx)
	if err != nil {
		return nil, err
	}
	kb := 0.0
	err = i.visit(ctx, s, i.Conns, func() error {
		if err := sleep(ctx, i.Warm); err != nil { // what an answer has started may still be ending
			return err
		}
		after, err := s.Collect(ctx)
		kb = float64(after.Resident-before.Resident) / 1024 / float64(i.Conns)
		return err
	})
	if err == nil && before.Resident == 0 {
		err = fmt.Errorf("load: this system does not tell resident memory")
	}
	return Figures{{IdleMemory, kb}}, err
}

// visit calls while n connections are open and at rest.
func (i Idle) visit(ctx context.Context, s Server, n int, while func() error) error {
	conns, hangUp, err := dial(ctx, s, i.Path, n, client.Options{ReadBuffer: 1 << 10, Timeout: i.Warm + i.Measure + spare})
	if err != nil {
		return err
	}
	defer hangUp()
	f := frame.Text(i.Payload)
	for _, c := range conns {
		if _, err := c.Write(f); err != nil {
			return err
		}
		if n, err := c.Batch(func([]byte) error { return nil }); n != 1 || err != nil {
			return fmt.Errorf("%w: %d answers to one message, %w", ErrWrong, n, err)
		}
	}
	return while()
}
