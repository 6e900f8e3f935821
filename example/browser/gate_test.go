package browser

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// gate is an address that stays, as that of a load balancer does: it leads to one node or
// another, or to none.
type gate struct {
	address string
	to      atomic.Value // string
	dialled atomic.Int64 // how many connections there were

	mu   sync.Mutex // protects open
	open map[net.Conn]bool
}

func newGate(tb testing.TB, to string) *gate {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	g := &gate{address: l.Addr().String(), open: make(map[net.Conn]bool)}
	g.to.Store(to)
	tb.Cleanup(func() { l.Close(); g.cut("") })
	go func() { // until the listener is closed
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			g.dialled.Add(1)
			go g.pass(in)
		}
	}()
	return g
}

// cut ends all connections without a word. New ones go to an address, or to none.
func (g *gate) cut(to string) {
	g.to.Store(to)
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		c.Close()
	}
	clear(g.open)
}

// freeze stops what is under way without closing it, as a network does that has lost its way.
func (g *gate) freeze() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		c.SetReadDeadline(time.Unix(1, 0))
	}
}

// pass carries bytes in both directions.
func (g *gate) pass(in net.Conn) {
	out, err := net.Dial("tcp", g.to.Load().(string))
	if err != nil {
		in.Close()
		return
	}
	g.mu.Lock()
	g.open[in], g.open[out] = true, true
	g.mu.Unlock()
	carry := func(to, from net.Conn) {
		_, err := io.Copy(to, from)
		if !errors.Is(err, os.ErrDeadlineExceeded) { // what is frozen stays open until it is cut
			to.Close()
			from.Close()
		}
	}
	go carry(in, out)
	carry(out, in)
}
