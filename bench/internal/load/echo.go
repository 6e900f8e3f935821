package load

import (
	"context"
	"errors"
	"fmt"

	"github.com/gorilla/websocket"
)

// Echo sends the same payload on each of n connections, inFlight times, and again for
// each that comes back. With 1 in flight it is ping-pong.
func Echo(path string, payload []byte, n, inFlight int) Load {
	return func(r *Round) []Figure {
		question, conns := text(payload), r.dialAll(path, n)
		for _, c := range conns {
			for range inFlight {
				c.ask(question)
			}
		}
		used, n := r.measure(r.repeat(len(conns), func(i int) {
			conns[i].answer(payload)
			conns[i].ask(question)
		}))
		r.end(conns, r.Patience)
		r.clients.Wait()
		for _, c := range conns { // what is under way must come
			for c.due > 0 {
				c.answer(payload)
			}
		}
		inSystem := 100 * float64(used.System) / float64(used.CPU)
		return []Figure{micros(used.CPU, n), {"% in system calls", inSystem}}
	}
}

// Connect opens connections one after another, some at the same time. Each sends one
// message, takes the answer, sends a close frame, waits for the server's, and closes TCP,
// as a browser does, without a reset.
func Connect(path string, payload []byte, atOnce int) Load {
	return func(r *Round) []Figure {
		used, n := r.measure(r.repeat(atOnce, func(int) {
			c := r.dial(path)
			defer c.Close()
			defer context.AfterFunc(r, func() { c.Close() })()
			_ = c.SetLinger(-1)
			c.echo(payload)
			bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			r.must(c.ws.WriteMessage(websocket.CloseMessage, bye))
			if p, err := c.next(); !errors.As(err, new(*websocket.CloseError)) {
				r.must(fmt.Errorf("%w: %q, %w, want a close frame", ErrWrong, p, err))
			}
		}))
		return []Figure{micros(used.CPU, n), {"allocations", float64(used.Allocs) / n}}
	}
}

// Idle opens n connections, sends one message on each so that none is a connection that
// has never worked, and measures the resident memory of the server once all garbage is
// gone. Then, unless busy is 0, it measures that number of callers. Each goes round a
// share of the connections, one message and its answer at a time. So the work is the
// same, however many connections there are.
func Idle(path string, payload []byte, n, busy int) Load {
	return func(r *Round) []Figure {
		echoAll := func(conns []*conn) {
			for _, c := range conns {
				c.echo(payload)
			}
			r.sleep(r.Warm) // what an answer has started may still be ending
		}
		// These take what the server needs once, however many clients it has.
		first := r.dialAll(path, min(64, n))
		echoAll(first)
		for _, c := range first {
			c.Close()
		}
		before := r.usage(true).Resident
		if before == 0 {
			r.must(errors.New("load: this system does not tell resident memory"))
		}
		conns := r.dialAll(path, n)
		echoAll(conns)
		kb := float64(r.usage(true).Resident-before) / 1024 / float64(n)
		if busy == 0 {
			return []Figure{{"KB", kb}}
		}
		echoAll(conns) // the server's memory is as the last collection left it
		turns := make([]int, busy)
		used, count := r.measure(r.repeat(busy, func(i int) {
			share := conns[i*n/busy : (i+1)*n/busy]
			turns[i]++
			share[turns[i]%len(share)].echo(payload)
		}))
		return []Figure{micros(used.CPU, count), {"KB", kb}}
	}
}
