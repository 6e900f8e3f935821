package logtest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// What a guarded log returns after it has failed the test.
var (
	errPanic = errors.New("logtest: the log panicked")
	errStuck = errors.New("logtest: the log does not return")
)

// guarded is the log under test. A method that panics, or does not return, fails the test
// that calls it, and the suite goes on.
type guarded struct {
	report *report
	log    rooms.Log
}

func guard(t *testing.T, l rooms.Log) rooms.Log {
	r := &report{t: t}
	t.Cleanup(r.end)
	return guarded{r, l}
}

// report fails a test from any goroutine, unless the test is over: what a faulty log
// still runs must not end the binary.
type report struct {
	mu   sync.Mutex // protects over
	t    *testing.T
	over bool
}

func (r *report) errorf(format string, arguments ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.t.Errorf(format, arguments...)
	}
}

func (r *report) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
}

func (g guarded) Append(ctx context.Context, room, id string, data []byte) (
	place rooms.Place, err error,
) {
	return call(g, "Append", room, func() (rooms.Place, error) {
		return g.log.Append(ctx, room, id, data)
	})
}

func (g guarded) Read(ctx context.Context, room string, after rooms.Place) (rooms.Page, error) {
	return call(g, "Read", room, func() (rooms.Page, error) {
		return g.log.Read(ctx, room, after)
	})
}

func (g guarded) Follow(ctx context.Context, room string, receive func(rooms.News)) (
	rooms.Place, error,
) {
	return call(g, "Follow", room, func() (rooms.Place, error) {
		return g.log.Follow(ctx, room, receive)
	})
}

func (g guarded) Unfollow(room string) error {
	_, err := call(g, "Unfollow", room, func() (struct{}, error) {
		return struct{}{}, g.log.Unfollow(room)
	})
	return err
}

// call runs method on a goroutine, which ends when the method returns, if ever.
func call[T any](g guarded, name, room string, method func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	returned := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
			}
			returned <- a
		}()
		a.value, a.err = method()
	}()
	wait := patience + patience/2 // its context ends before that
	late := time.NewTimer(wait)
	defer late.Stop()
	select {
	case a := <-returned:
		if errors.Is(a.err, errPanic) {
			g.report.errorf("%s(%.20q): %v", name, room, a.err)
		}
		return a.value, a.err
	case <-late.C:
		g.report.errorf("%s(%.20q) has not returned after %v: it blocks", name, room, wait)
		var none T
		return none, errStuck
	}
}
