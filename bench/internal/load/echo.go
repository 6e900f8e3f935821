package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Echo sends the same payload on each of n connections, and again for each that comes
// back, so that so many are in flight on each all the time. With 1 it is ping-pong.
func Echo(path string, payload []byte, n, inFlight int, deflate bool) Load {
	return func(r *Round) []Figure {
		conns := r.dialAll(n, manner{path, 16<<10 + 2*len(payload), deflate, false})
		var got atomic.Int64
		for _, c := range conns {
			r.client(func() error { return r.echo(c, payload, inFlight, &got) })
		}
		used, n := r.measure(&got)
		for _, c := range conns { // what is under way is still taken: a loss is noticed
			_ = c.SetReadDeadline(time.Now().Add(r.Patience))
		}
		if inFlight > 1 {
			return []Figure{micros(used.CPU, n)}
		}
		inSystem := 100 * float64(used.System) / float64(used.CPU)
		return []Figure{micros(used.CPU, n), {"% in system calls", inSystem}}
	}
}

// echo takes all that has arrived, answers with as many in one write, and so on until the
// round is ending and nothing is under way.
func (r *Round) echo(c *conn, payload []byte, inFlight int, got *atomic.Int64) error {
	frames := c.frames(payload, inFlight)
	_, err := c.Write(frames)
	for underWay := inFlight; err == nil && underWay > 0; {
		n := 0
		for err == nil && (n == 0 || c.waiting()) {
			var p []byte
			if p, err = c.next(); err == nil {
				err = same(p, payload)
			}
			n++
		}
		underWay -= n
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			return fmt.Errorf("%w: %d answers are missing", ErrWrong, underWay+1)
		case err == nil && underWay < 0:
			return fmt.Errorf("%w: more than sent", ErrWrong)
		case err == nil && !r.ending.Load():
			_, err = c.Write(frames[:n*len(frames)/inFlight])
			underWay += n
		}
		got.Add(int64(n))
	}
	return err
}

// Connect opens connections one after another, so many at a time. Each sends one message,
// takes the answer, sends a close frame, waits for the server's, and closes TCP, as a
// browser does, without a reset.
func Connect(path string, payload []byte, atOnce int) Load {
	return func(r *Round) []Figure {
		lives := r.repeat(atOnce, func(int) error {
			c, err := r.dial(manner{path: path, buffer: 512 + len(payload)})
			if err != nil {
				return err
			}
			defer c.Close()
			defer context.AfterFunc(r, func() { c.Close() })()
			_ = c.SetLinger(-1)
			if err := c.ask(payload); err != nil {
				return err
			}
			if _, err := c.Write(wstest.Bytes(wstest.Close(1000, ""))); err != nil {
				return err
			}
			if p, err := c.next(); !errors.Is(err, errClosed) {
				return fmt.Errorf("%w: %q, %w, want a close frame", ErrWrong, p, err)
			}
			return nil
		})
		used, n := r.measure(lives)
		return []Figure{micros(used.CPU, n), {"allocations", float64(used.Allocs) / n},
			{"KB allocated", float64(used.Allocated) / 1024 / n}}
	}
}

// Idle opens n connections, sends one message on each so that none is a connection that
// has never worked, and measures the resident memory of the server once all garbage is
// gone.
func Idle(path string, payload []byte, n int) Load {
	return func(r *Round) []Figure {
		_, kb := r.idle(path, payload, n)
		return []Figure{{"KB", kb}}
	}
}

// Many does the same, and then has so many of the connections in use at any moment: each
// of so many callers goes round a share of them, one message and its answer at a time, so
// that the work is the same however many there are.
func Many(path string, payload []byte, n, atOnce int) Load {
	return func(r *Round) []Figure {
		conns, kb := r.idle(path, payload, n)
		if r.Err() != nil {
			return nil
		}
		for _, c := range conns { // the server's memory is as the last collection left it
			r.check(c.ask(payload))
		}
		callers := min(atOnce, n)
		at := make([]int, callers) // where each of them is
		asked := r.repeat(callers, func(caller int) error {
			if at[caller] += callers; caller+at[caller] >= n {
				at[caller] = 0
			}
			return conns[caller+at[caller]].ask(payload)
		})
		used, count := r.measure(asked)
		return []Figure{{"µs a message", micros(used.CPU, count).Value}, {"KB a connection", kb}}
	}
}

func (r *Round) idle(path string, payload []byte, n int) (conns []*conn, kb float64) {
	open := func(n int) []*conn {
		conns := r.dialAll(n, manner{path: path, buffer: 1 << 10})
		for _, c := range conns {
			r.check(c.ask(payload))
		}
		r.sleep(r.Warm) // what an answer has started may still be ending
		return conns
	}
	// What the server needs once, however many clients it has, is in the first figure.
	for _, c := range open(min(64, n)) {
		c.Close()
	}
	before := r.usage(true).Resident
	if before == 0 {
		r.fail(errors.New("load: this system does not tell resident memory"))
	}
	conns = open(n)
	return conns, float64(r.usage(true).Resident-before) / 1024 / float64(n)
}
