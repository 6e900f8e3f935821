package load

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
)

// The figures of many connections.
const (
	ManyCPU    = "µs a message"    // CPU time of the server
	ManyMemory = "KB a connection" // as IdleMemory
)

// Many has Conns connections open, of which AtOnce are in use at any moment: each of so
// many callers goes round a share of the connections, one message and its answer at a
// time. So the work is the same however many connections there are.
type Many struct {
	Path    string
	Payload []byte
	Conns   int
	AtOnce  int
	Window
}

// Run measures one round.
func (m Many) Run(ctx context.Context, s Server) (f Figures, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	idle := Idle{Path: m.Path, Payload: m.Payload, Conns: m.Conns, Window: m.Window}
	err = idle.rest(ctx, s, func(conns client.Group, kb float64) error {
		used, n, err := m.goRound(ctx, cancel, s, conns, idle.ask)
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		f = Figures{{ManyCPU, micros(used, n)}, {ManyMemory, kb}}
		return err
	})
	return f, err
}

// goRound starts the clock when each connection has been used once more: until then the
// server's memory is as the last collection has left it.
func (m Many) goRound(
	ctx context.Context, failed context.CancelCauseFunc, s Server, conns client.Group,
	ask func(*client.Conn) error,
) (cpu time.Duration, n int64, err error) {
	var asked atomic.Int64
	var ending atomic.Bool
	var callers, warming sync.WaitGroup
	for first := range min(m.AtOnce, m.Conns) {
		warming.Add(1)
		callers.Go(func() {
			warm := sync.OnceFunc(warming.Done)
			defer warm()
			for i := first; !ending.Load() && ctx.Err() == nil; i += m.AtOnce {
				if i >= len(conns) {
					i = first
					warm()
				}
				if err := ask(conns[i]); err != nil {
					failed(fmt.Errorf("connection %d: %w", i, err))
				}
				asked.Add(1)
			}
		})
	}
	warming.Wait()
	used, n, err := measure(ctx, s, m.Window, asked.Load)
	ending.Store(true)
	callers.Wait()
	return used.CPU, n, err
}
