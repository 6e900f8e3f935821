package natsbroker_test

import (
	"net"
	"sync"
	"testing"
	"time"
)

// proxy stands between a connection and the server, and breaks the network between them
// as the kernel would: what is stalled is not read, what is swallowed is read and gone.
type proxy struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	open    chan struct{} // closed while bytes pass
	swallow bool
	delay   time.Duration // of each piece
	conns   []net.Conn
	copying sync.WaitGroup
}

func startProxy(t *testing.T, s *natsServer) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("net.Listen = %v, want no error", err)
	}
	p := &proxy{listener: listener, target: s.address(), open: make(chan struct{})}
	close(p.open)
	p.copying.Go(p.accept)
	t.Cleanup(p.stop)
	return p
}

func (p *proxy) url() string { return "nats://" + p.listener.Addr().String() }

// accept ends when the listener is closed.
func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			client.Close()
			continue
		}
		client.(*net.TCPConn).SetReadBuffer(4096) // so that a stall is felt soon
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		p.copying.Go(func() { p.copy(server, client) })
		p.copying.Go(func() { p.copy(client, server) })
	}
}

// copy ends when one of the connections is closed, and closes the other.
func (p *proxy) copy(to, from net.Conn) {
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
		if p.swallows() {
			continue
		}
		time.Sleep(p.delays())
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func (p *proxy) gate() chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open
}

func (p *proxy) swallows() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.swallow
}

func (p *proxy) delays() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay
}

// slow delays each piece of bytes, in both directions.
func (p *proxy) slow(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = by
}

// stall has nobody take a byte, until goOn.
func (p *proxy) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open = make(chan struct{})
}

func (p *proxy) goOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.open)
}

// partition loses every byte, without a word to either side.
func (p *proxy) partition(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.swallow = on
}

// cut resets all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.(*net.TCPConn).SetLinger(0)
		c.Close()
	}
	p.conns = nil
}

func (p *proxy) stop() {
	p.listener.Close()
	p.mu.Lock()
	select {
	case <-p.open:
	default:
		close(p.open)
	}
	p.mu.Unlock()
	p.cut()
	p.copying.Wait()
}
