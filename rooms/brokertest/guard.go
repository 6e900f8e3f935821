package brokertest

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// What a guarded broker returns after it has failed the test.
var (
	errPanic = errors.New("brokertest: the broker panicked")
	errStuck = errors.New("brokertest: the broker does not return")
)

// guarded is the broker under test. A method that panics, or does not return, fails the
// test that calls it, and the suite goes on. A panic on a goroutine of the broker's own
// cannot be had like that: it ends the binary.
type guarded struct {
	report *report
	broker rooms.Broker
}

func guard(t *testing.T, b rooms.Broker) rooms.Broker {
	r := &report{t: t}
	t.Cleanup(r.end)
	return guarded{r, b}
}

// report fails a test from any goroutine, unless the test is over: what a faulty broker
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

func (g guarded) Publish(room string, data []byte) error {
	return g.call("Publish", room, func() error { return g.broker.Publish(room, data) })
}

func (g guarded) Subscribe(room string, receive func([]byte, error)) error {
	return g.call("Subscribe", room, func() error {
		return g.broker.Subscribe(room, receive)
	})
}

func (g guarded) Unsubscribe(room string) error {
	return g.call("Unsubscribe", room, func() error { return g.broker.Unsubscribe(room) })
}

// call runs method on a goroutine, which ends when the method returns, if ever.
func (g guarded) call(name, room string, method func() error) error {
	returned := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				returned <- fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
			}
		}()
		returned <- method()
	}()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case err := <-returned:
		if errors.Is(err, errPanic) {
			g.report.errorf("%s(%.20q): %v", name, room, err)
		}
		return err
	case <-late.C:
		g.report.errorf("%s(%.20q) has not returned after %v: it blocks", name, room, patience)
		return errStuck
	}
}
