package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/client"
)

// ErrFrozen is returned when nothing has reached anyone for Window.Patience, while
// something was under way.
var ErrFrozen = errors.New("load: frozen")

// audience is a set of clients that read what is broadcast to them, each in a goroutine
// that end waits for.
type audience struct {
	members  client.Group
	patience time.Duration
	check    func(member, nth int, payload []byte) error
	got      atomic.Int64 // deliveries
	due      atomic.Int64 // deliveries at which all that was broadcast has reached everyone
	whole    chan struct{}
	over     atomic.Bool
	readers  sync.WaitGroup
	failed   context.CancelCauseFunc
}

// newAudience starts to read. check is called for the nth message of each member, failed
// with the first error.
func newAudience(
	g client.Group, patience time.Duration, failed context.CancelCauseFunc,
	check func(member, nth int, payload []byte) error,
) *audience {
	a := &audience{
		members: g, patience: patience, check: check, whole: make(chan struct{}, 1), failed: failed}
	for i := range g {
		a.readers.Go(func() { a.read(i) })
	}
	return a
}

// read ends when the connection fails or end interrupts it.
func (a *audience) read(member int) {
	nth := 0
	check := func(p []byte) error {
		nth++
		return a.check(member, nth-1, p)
	}
	for {
		n, err := a.members[member].Batch(check)
		got, due := a.got.Add(int64(n)), a.due.Load()
		if n > 0 && got == due {
			a.whole <- struct{}{}
		}
		switch {
		case got > due:
			a.failed(fmt.Errorf("%w: %d deliveries more than sent", ErrWrong, got-due))
			return
		case err == nil:
		case a.over.Load() && errors.Is(err, os.ErrDeadlineExceeded):
			return
		default:
			a.failed(fmt.Errorf("member %d, message %d: %w", member, nth, err))
			return
		}
	}
}

// broadcast calls send, which must make the server broadcast n messages, and returns when
// all have reached everyone. Nothing may be under way before.
func (a *audience) broadcast(ctx context.Context, n int, send func() error) error {
	seen := a.got.Load()
	a.due.Store(seen + int64(n*len(a.members)))
	if err := send(); err != nil {
		return err
	}
	progress := time.NewTicker(a.patience)
	defer progress.Stop()
	for {
		select {
		case <-a.whole:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-progress.C:
			got := a.got.Load()
			if got == seen {
				return fmt.Errorf("%w: %d of %d deliveries are missing",
					ErrFrozen, a.due.Load()-got, n*len(a.members))
			}
			seen = got
		}
	}
}

// end stops reading and waits for the readers.
func (a *audience) end() {
	a.over.Store(true)
	for _, m := range a.members {
		_ = m.SetReadDeadline(time.Now())
	}
	a.readers.Wait()
}
