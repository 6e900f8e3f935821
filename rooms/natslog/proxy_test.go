package natslog_test

import (
	"io"
	"net"
	"sync"
	"testing"
)

// proxy stands between a program and NATS. It can stall: it takes nothing more, and gives
// nothing, until it goes on. It can part the two: it cuts connections, and takes no new
// ones.
type proxy struct {
	target string
	listen net.Listener
	ended  sync.WaitGroup

	mu    sync.Mutex
	gate  chan struct{} // closed while bytes flow
	apart bool
	conns []net.Conn
}

func startProxy(t testing.TB, target string) *proxy {
	listen, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("Listen = %v, want no error", err)
	}
	p := &proxy{target: target, listen: listen, gate: make(chan struct{})}
	close(p.gate)
	p.ended.Go(p.accept)
	t.Cleanup(func() {
		listen.Close()
		p.flow()
		p.cut()
		p.ended.Wait()
	})
	return p
}

func (p *proxy) url() string { return "nats://" + p.listen.Addr().String() }

// accept ends when the listener is closed.
func (p *proxy) accept() {
	for {
		in, err := p.listen.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.target)
		if err != nil {
			in.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, in, out)
		apart := p.apart
		p.mu.Unlock()
		if apart {
			p.cut()
			continue
		}
		p.ended.Go(func() { p.copy(in, out) })
		p.ended.Go(func() { p.copy(out, in) })
	}
}

// copy ends when one of the two is closed.
func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	io.Copy(gated{p, to}, from)
}

type gated struct {
	*proxy
	to net.Conn
}

func (g gated) Write(b []byte) (int, error) {
	g.mu.Lock()
	gate := g.gate
	g.mu.Unlock()
	<-gate
	return g.to.Write(b)
}

func (p *proxy) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gate:
		p.gate = make(chan struct{})
	default: // it stalls already
	}
}

func (p *proxy) flow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.gate:
	default:
		close(p.gate)
	}
}

// cut breaks all connections, with what is in them.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}

// part parts the two, or joins them again.
func (p *proxy) part(apart bool) {
	p.mu.Lock()
	p.apart = apart
	p.mu.Unlock()
	if apart {
		p.cut()
	}
}
