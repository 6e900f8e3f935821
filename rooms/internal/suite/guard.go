// Package suite has what the suites for brokers and logs share. A method of an
// implementation that panics, or does not return, fails the test that calls it, and the
// suite goes on. A panic on a goroutine of the implementation's own cannot be caught like
// that: it ends the binary.
package suite

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"testing"
	"time"
)

// Guard fails a test from any goroutine, unless the test is over: what a faulty
// implementation still runs must not end the binary.
type Guard struct {
	patience        time.Duration
	panicked, stuck error // what Call returns after it has failed the test

	mu   sync.Mutex // protects the fields below
	t    *testing.T
	over bool
}

// NewGuard returns the guard of what, such as "brokertest: the broker", for a test. It
// waits for no method for longer than patience.
func NewGuard(t *testing.T, what string, patience time.Duration) *Guard {
	g := &Guard{t: t, patience: patience, panicked: errors.New(what + " panicked"),
		stuck: errors.New(what + " does not return")}
	t.Cleanup(g.end)
	return g
}

// Do is Call of a method that returns only an error.
func (g *Guard) Do(name, room string, method func() error) error {
	_, err := Call(g, name, room, func() (struct{}, error) { return struct{}{}, method() })
	return err
}

// Call runs a method for a room on a goroutine, which ends when the method returns, if
// ever.
func Call[T any](g *Guard, name, room string, method func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	returned := make(chan answer, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				returned <- answer{err: fmt.Errorf("%w: %v\n%s", g.panicked, p, debug.Stack())}
			}
		}()
		value, err := method()
		returned <- answer{value, err}
	}()
	late := time.NewTimer(g.patience)
	defer late.Stop()
	select {
	case a := <-returned:
		if errors.Is(a.err, g.panicked) {
			g.errorf("%s(%.20q): %v", name, room, a.err)
		}
		return a.value, a.err
	case <-late.C:
		g.errorf("%s(%.20q) has not returned after %v: it blocks", name, room, g.patience)
		var none T
		return none, g.stuck
	}
}

func (g *Guard) errorf(format string, arguments ...any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.over {
		g.t.Errorf(format, arguments...)
	}
}

func (g *Guard) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.over = true
}
