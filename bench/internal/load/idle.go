package load

import (
	"bytes"
	"context"
	"fmt"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
)

// IdleMemory is the figure of connections at rest: resident memory of the server a
// connection, once all garbage is gone.
const IdleMemory = "KB"

// Idle opens many connections, sends one message on each so that none is a connection
// that has never worked, and lets them rest.
type Idle struct {
	Path    string
	Payload []byte
	Conns   int
	Window
}

// Run measures one round.
func (i Idle) Run(ctx context.Context, s Server) (f Figures, err error) {
	err = i.rest(ctx, s, func(_ client.Group, kb float64) error {
		f = Figures{{IdleMemory, kb}}
		return nil
	})
	return f, err
}

// rest calls while with the connections at rest, and the memory that each of them takes.
func (i Idle) rest(
	ctx context.Context, s Server, while func(conns client.Group, kb float64) error,
) error {
	// What the server needs once, however many clients it has, is in the first figure.
	const first = 64
	err := i.visit(ctx, s, min(first, i.Conns), func(client.Group) error { return nil })
	if err != nil {
		return err
	}
	before, err := s.Collect(ctx)
	if err != nil {
		return err
	}
	if before.Resident == 0 {
		return fmt.Errorf("load: this system does not tell resident memory")
	}
	return i.visit(ctx, s, i.Conns, func(conns client.Group) error {
		// What an answer has started may still be ending.
		if err := sleep(ctx, i.Warm); err != nil {
			return err
		}
		after, err := s.Collect(ctx)
		if err != nil {
			return err
		}
		return while(conns, float64(after.Resident-before.Resident)/1024/float64(i.Conns))
	})
}

// visit calls while n connections are open and at rest.
func (i Idle) visit(
	ctx context.Context, s Server, n int, while func(client.Group) error,
) error {
	conns, hangUp, err := dial(ctx, s, i.Path, n, client.Options{
		ReadBuffer: 1 << 10, Timeout: i.Warm + i.Measure + spare})
	if err != nil {
		return err
	}
	defer hangUp()
	for _, c := range conns {
		if err := i.ask(c); err != nil {
			return err
		}
	}
	return while(conns)
}

// ask sends one message and takes the answer.
func (i Idle) ask(c *client.Conn) error {
	if _, err := c.Write(frame.Text(i.Payload)); err != nil {
		return err
	}
	n, err := c.Batch(func(p []byte) error {
		if !bytes.Equal(p, i.Payload) {
			return fmt.Errorf("%q, want %q", p, i.Payload)
		}
		return nil
	})
	if n != 1 || err != nil {
		return fmt.Errorf("%w: %d answers to one message, %w", ErrWrong, n, err)
	}
	return nil
}
