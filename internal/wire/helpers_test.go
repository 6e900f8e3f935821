package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// numbered returns n bytes, each different from its neighbours.
func numbered(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i>>8 ^ i*7)
	}
	return p
}

// recorded is a network that takes everything until a write fails.
type recorded struct {
	net.Conn
	sizes   []int // the sizes of the writes
	written bytes.Buffer
	failAt  int // the number of the write that fails; 0 for none
	closed  int
}

var errCable = errors.New("cable is cut")

func (r *recorded) Write(p []byte) (int, error) {
	r.sizes = append(r.sizes, len(p))
	if len(r.sizes) == r.failAt {
		return 0, errCable
	}
	return r.written.Write(p)
}

func (r *recorded) Close() error {
	r.closed++
	return nil
}

func (r *recorded) SetReadDeadline(time.Time) error  { return nil }
func (r *recorded) SetWriteDeadline(time.Time) error { return nil }

// tcpPair returns a connection over loopback, with deadlines for the peer.
func tcpPair(t *testing.T) (server, client net.Conn) {
	l := wstest.ListenTCP()
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close(); client.Close() })
	client.SetDeadline(time.Now().Add(wstest.Wait))
	server.SetDeadline(time.Now().Add(wstest.Wait))
	return server, client
}

// pair is a Conn and its peer.
type pair struct {
	t    *testing.T
	wire *Conn
	peer *mempipe.Conn
	net  *counted
}

// newPair makes a pair over a network in memory, after the handshake.
func newPair(t *testing.T, writeWait time.Duration) *pair {
	client, server := mempipe.Pipe(1024)
	p := &pair{t: t, peer: client, net: &counted{Conn: server}}
	p.wire = New(p.net, writeWait)
	p.wire.Upgraded()
	t.Cleanup(func() {
		p.wire.Abort()
		client.Close()
	})
	return p
}

// counted counts how often a deadline is set.
type counted struct {
	net.Conn
	sets int
}

func (c *counted) SetWriteDeadline(t time.Time) error {
	c.sets++
	return c.Conn.SetWriteDeadline(t)
}

// exchange writes a byte, and makes the peer read it.
func (p *pair) exchange() {
	p.wire.Write([]byte("a"))
	if err := p.wire.Flush(); err != nil {
		p.t.Errorf("Flush() = %v", err)
	}
	io.ReadFull(p.peer, make([]byte, 1))
}

// blockedWrite returns how long a write takes if the peer takes nothing before never.
func (p *pair) blockedWrite() time.Duration {
	begin := time.Now()
	timer := time.AfterFunc(never, func() { io.Copy(io.Discard, p.peer) })
	defer timer.Stop()
	p.wire.Write(make([]byte, 5000)) // more than the network holds
	err := p.wire.Flush()
	took := time.Since(begin)
	if took == never && err != nil || took != never && !IsTimeout(err) {
		p.t.Errorf("Flush() after %v = %v, want a timeout", took, err)
	}
	return took
}

// slowPair returns a Conn over a network in memory that can be stalled, and its peer.
func slowPair(
	t *testing.T, writeWait time.Duration,
) (*Conn, *wstest.Conn, *mempipe.Conn) {
	client, server := mempipe.Pipe(1 << 20)
	listener := wstest.Count(&once{conn: server})
	accepted, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := New(accepted, writeWait)
	c.Upgraded()
	t.Cleanup(func() {
		c.Abort()
		client.Close()
	})
	return c, listener.Conn(t), client
}

// once is a listener for one connection.
type once struct {
	net.Listener
	conn net.Conn
}

func (o *once) Accept() (net.Conn, error) { return o.conn, nil }
