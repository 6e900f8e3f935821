package browser

import (
	"errors"
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
	delay   time.Duration // of all that passes, in each direction; set it before the first
	to      atomic.Value  // string
	dialled atomic.Int64  // how many connections there were

	mu   sync.Mutex // protects open
	open map[net.Conn]bool
}

func newGate(tb testing.TB, to string) *gate {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	g := &gate{address: l.Addr().String(), open: make(map[net.Conn]bool)}
	g.lead(to)
	tb.Cleanup(func() { l.Close(); g.cut() })
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

// lead changes where new connections go; to nowhere with "".
func (g *gate) lead(to string) { g.to.Store(to) }

// cut ends all connections without a word.
func (g *gate) cut() {
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

// pass carries bytes in both directions. Connections that were frozen stay open until they are cut.
func (g *gate) pass(in net.Conn) {
	out, err := net.Dial("tcp", g.to.Load().(string))
	if err != nil {
		in.Close()
		return
	}
	g.mu.Lock()
	g.open[in], g.open[out] = true, true
	g.mu.Unlock()
	go g.carry(in, out)
	g.carry(out, in)
}

// carry reads on while it delays, as a long wire does.
func (g *gate) carry(to, from net.Conn) {
	type part struct {
		bytes []byte
		due   time.Time
	}
	parts, frozen := make(chan part, 1000), false
	go func() { // until reading has ended
		for p := range parts {
			time.Sleep(time.Until(p.due))
			to.Write(p.bytes)
		}
		if !frozen {
			to.Close()
			from.Close()
		}
	}()
	for !frozen {
		buffer := make([]byte, 16<<10)
		n, err := from.Read(buffer)
		parts <- part{buffer[:n], time.Now().Add(g.delay)}
		if frozen = errors.Is(err, os.ErrDeadlineExceeded); err != nil {
			break
		}
	}
	close(parts)
}
