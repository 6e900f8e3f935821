package wire

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// tlsPair is a Conn over TLS and a network that can be stalled, and its peer.
func tlsPair(
	t *testing.T, config *tls.Config, writeWait time.Duration,
) (*Conn, *wstest.Conn) {
	client, server := mempipe.Pipe(1 << 20)
	listener := wstest.Count(&once{conn: server})
	accepted, _ := listener.Accept()
	conn := tls.Server(accepted, config)
	go func() {
		peer := tls.Client(client, &tls.Config{InsecureSkipVerify: true})
		io.Copy(io.Discard, peer)
		client.Close()
	}()
	if err := conn.HandshakeContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := New(conn, writeWait)
	c.Upgraded()
	t.Cleanup(func() { client.Close(); c.Abort() })
	return c, listener.Conn(t)
}

// certificate returns a certificate for a test server.
func certificate() *tls.Config {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates}
}

// closeTLSTest is a row of TestCloseTLS.
type closeTLSTest struct {
	name string
	fail bool // a write fails first
	end  func(*Conn) error
	want time.Duration
}

// Contract 7.2: closing a TLS connection waits for a stalled network, to tell
// the peer. Abort does not wait, nor does Close after a write has failed.
func TestCloseTLS(t *testing.T) {
	for _, test := range []closeTLSTest{
		{name: "Close", end: (*Conn).Close, want: 5 * time.Second},
		{name: "Abort", end: (*Conn).Abort},
		{name: "Close after a failed write", fail: true, end: (*Conn).Close},
		{name: "Abort after a failed write", fail: true, end: (*Conn).Abort},
	} {
		t.Run(test.name, test.run)
	}
}

func (test closeTLSTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, network := tlsPair(t, certificate(), time.Second)
		network.Stall()
		if test.fail {
			c.Write([]byte("hello"))
			if err := c.Flush(); !IsTimeout(err) {
				t.Errorf("Flush() = %v, want a timeout", err)
			}
		}
		begin := time.Now()
		test.end(c)
		if got := time.Since(begin); got != test.want {
			t.Errorf("closing took %v, want %v", got, test.want)
		}
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read() = %v, want %v", err, net.ErrClosed)
		}
	})
}

// Abort ends a pending write. With TLS such a write cannot resume after a timeout.
func TestAbortDuringWrite(t *testing.T) {
	config := certificate()
	synctest.Test(t, func(t *testing.T) {
		c, network := tlsPair(t, config, time.Minute)
		network.Stall()
		time.AfterFunc(time.Second, func() { c.Abort() })
		begin := time.Now()
		c.Write([]byte("hello"))
		err := c.Flush()
		if got := time.Since(begin); err == nil || IsTimeout(err) || got != time.Second {
			t.Errorf("Flush() = %v after %v, want that it was closed after 1s", err, got)
		}
		if c.Writing.resumable {
			t.Error("a write through TLS can go on after a timeout, want that it cannot")
		}
	})
}

// CloseWrite ends one direction, and the other goes on. If the network cannot
// do that, CloseWrite does nothing.
func TestCloseWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, 0)
		p.wire.Conn = p.net.Conn // a mempipe.Conn
		if !p.wire.CloseWrite() {
			t.Error("CloseWrite() = false for a network that has it")
		}
		if n, err := p.peer.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("the peer's Read() = %d, %v, want 0, %v", n, err, io.EOF)
		}
		p.peer.Write([]byte("a"))
		if n, err := p.wire.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("Read() after CloseWrite() = %d, %v, want 1, nil", n, err)
		}
		if New(&recorded{}, 0).CloseWrite() {
			t.Error("CloseWrite() = true for a network that does not have it")
		}
	})
}

// layer hides the methods of the connection it wraps, but shows that connection.
type layer struct{ net.Conn }

func (l layer) NetConn() net.Conn { return l.Conn }

// Contract 3.8: CloseWrite looks below a layer that shows what it wraps.
func TestCloseWriteBelow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, 0)
		p.wire.Conn = layer{layer{p.net.Conn}}
		if !p.wire.CloseWrite() {
			t.Error("CloseWrite() = false, want that of the network below")
		}
		if n, err := p.peer.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("the peer's Read() = %d, %v, want 0, %v", n, err, io.EOF)
		}
	})
}

// Early bytes come first, whatever the sizes of the reads.
func TestEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPair(t, 0)
		p.wire.Early = []byte("early")
		p.peer.Write([]byte(", late"))
		p.peer.CloseWrite()

		got, err := io.ReadAll(iotest.OneByteReader(p.wire))
		if string(got) != "early, late" || err != nil {
			t.Errorf("ReadAll() = %q, %v, want early, late", got, err)
		}
	})
}
