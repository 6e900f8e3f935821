package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
)

// EchoCPU is the figure of an echo: CPU time of the server a message.
const EchoCPU = "µs"

// Echo sends the same payload on each of n connections, and again for each that comes
// back, so that inflight of them are under way on each all the time. With inflight 1 it
// is ping-pong.
type Echo struct {
	Path     string
	Payload  []byte
	Conns    int
	InFlight int
	Deflate  bool // compressed in both directions
	Window
}

// Run measures one round.
func (e Echo) Run(ctx context.Context, s Server) (Figures, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	conns, hangUp, err := dial(ctx, s, e.Path, e.Conns, e.options())
	if err != nil {
		return nil, err
	}
	defer hangUp()
	var wg sync.WaitGroup
	callers := make([]*caller, len(conns))
	ending := new(atomic.Bool)
	one := e.frame()
	frames := frame.Repeat(one, e.InFlight)
	for i, c := range conns {
		callers[i] = &caller{
			conn: c, frames: frames, one: len(one), payload: e.Payload, ending: ending}
		wg.Go(func() {
			if err := callers[i].run(); err != nil {
				cancel(fmt.Errorf("connection %d: %w", i, err))
			}
		})
	}
	used, n, err := measure(ctx, s, e.Window, func() (n int64) {
		for _, c := range callers {
			n += c.got.Load()
		}
		return n
	})
	ending.Store(true)
	for _, c := range conns {
		_ = c.SetReadDeadline(time.Now().Add(e.Patience))
	}
	wg.Wait() // each takes what is still under way, so that a lost message is noticed
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	return Figures{{EchoCPU, micros(used.CPU, n)}}, nil
}

func (e Echo) options() client.Options {
	return client.Options{
		ReadBuffer: 16<<10 + 2*len(e.Payload),
		Deflate:    e.Deflate,
		Timeout:    e.Warm + e.Measure + spare,
	}
}

func (e Echo) frame() []byte {
	if e.Deflate {
		return frame.Deflated(e.Payload)
	}
	return frame.Text(e.Payload)
}

// caller keeps one connection busy.
type caller struct {
	conn    *client.Conn
	frames  []byte // as many as may be under way
	one     int    // the length of one
	payload []byte
	ending  *atomic.Bool
	got     atomic.Int64
	_       [64]byte // got is written all the time, and read by one goroutine now and then
}

// run ends when ending is set and nothing is under way.
func (c *caller) run() error {
	inflight := len(c.frames) / c.one
	underWay := inflight
	if _, err := c.conn.Write(c.frames); err != nil {
		return err
	}
	for underWay > 0 {
		n, err := c.conn.Batch(c.check)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Errorf("%w: %d answers are missing", ErrWrong, underWay-n)
		}
		if err != nil {
			return err
		}
		c.got.Add(int64(n))
		if underWay -= n; underWay < 0 {
			return fmt.Errorf("%w: %d messages more than sent", ErrWrong, -underWay)
		}
		if c.ending.Load() {
			continue
		}
		if _, err := c.conn.Write(c.frames[:n*c.one]); err != nil {
			return err
		}
		underWay += n
	}
	return nil
}

// check compares an answer with what was sent. json.Encoder ends what it writes with a
// line feed, which is no error.
func (c *caller) check(p []byte) error {
	if len(p) == len(c.payload)+1 && p[len(p)-1] == '\n' {
		p = p[:len(p)-1]
	}
	if !bytes.Equal(p, c.payload) {
		return fmt.Errorf("%w: %.64q, want %.64q", ErrWrong, p, c.payload)
	}
	return nil
}
