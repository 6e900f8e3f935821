// Package proxy breaks the network between a client and a server, for tests.
package proxy

import (
	"net"
	"sync"
	"testing"
	"time"
)

// Proxy stands between a connection and the server, and breaks the network between them
// as the kernel would: what is stalled is not read, what is swallowed is read and gone.
// Its methods are safe for concurrent use.
type Proxy struct {
	listener net.Listener
	target   Target

	mu      sync.Mutex    // protects the fields below
	open    chan struct{} // closed while bytes pass
	swallow bool
	lost    int // bytes
	refuse  bool
	delay   time.Duration // of each piece
	conns   []net.Conn
	copying sync.WaitGroup
}

// Target is a server. It may be away, and come back at another address.
type Target interface{ Address() string }

// New starts a proxy before a server, and ends it after the test.
func New(t testing.TB, to Target) *Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("net.Listen = %v, want no error", err)
	}
	p := &Proxy{listener: listener, target: to, open: make(chan struct{})}
	close(p.open)
	p.copying.Go(p.accept)
	t.Cleanup(p.stop)
	return p
}

// Address is where the proxy listens.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// window is how many bytes a stall takes before the client feels it. It holds one segment
// of the loopback: the kernel sends into a smaller window only every 200 ms.
const window = 128 << 10

// accept ends when the listener is closed.
func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target.Address())
		if err != nil {
			client.Close()
			continue
		}
		client.(*net.TCPConn).SetReadBuffer(window)
		p.join(client, server)
	}
}

func (p *Proxy) join(client, server net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns = append(p.conns, client, server)
	if p.refuse {
		p.cut()
		return
	}
	p.copying.Go(func() { p.copy(server, client) })
	p.copying.Go(func() { p.copy(client, server) })
}

// copy ends when one of the connections is closed, and closes the other.
func (p *Proxy) copy(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 4096)
	for {
		<-p.gate()
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		<-p.gate()
		delay, lost := p.carry(n)
		if lost {
			continue
		}
		time.Sleep(delay)
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *Proxy) gate() chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

// carry says what happens to some bytes.
func (p *Proxy) carry(bytes int) (delay time.Duration, lost bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.swallow {
		p.lost += bytes
	}
	return p.delay, p.swallow
}

// Lost returns how many bytes Partition has lost so far.
func (p *Proxy) Lost() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// Slow delays each piece of bytes, in both directions.
func (p *Proxy) Slow(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = by
}

// Stall has nobody take a byte, until GoOn.
func (p *Proxy) Stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.open:
		p.open = make(chan struct{})
	default: // it stalls already
	}
}

// GoOn ends a stall, if there is one.
func (p *Proxy) GoOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.open:
	default:
		close(p.open)
	}
}

// Partition loses every byte, without a word to either side.
func (p *Proxy) Partition(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swallow = on
}

// Refuse resets all connections, and each that is made until it is off again.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = on
	if on {
		p.cut()
	}
}

// Cut resets all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut()
}

func (p *Proxy) cut() {
	for _, c := range p.conns {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	p.conns = nil
}

func (p *Proxy) stop() {
	p.listener.Close()
	p.GoOn()
	p.Refuse(true)
	p.copying.Wait()
}
