// Package attack holds tests that were written against the contract, without a look at
// the other tests.
package attack

import (
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
)

// app serves a websocket of strings at every path. before runs before the middleware.
func app(o *sockets.Options, handler martini.Handler, before ...martini.Handler) http.Handler {
	o.SkipLogging = true
	if h, ok := apptest.Plain(append(before, apptest.Text(o), handler)...); ok {
		return h
	}
	m := martini.New()
	m.Logger(log.New(io.Discard, "", 0))
	m.Use(martini.Recovery())
	for _, b := range before {
		m.Use(b)
	}
	m.Use(sockets.Messages(o))
	m.Action(handler)
	return m
}

// tlsListener serves TLS over l.
func tlsListener(l net.Listener) net.Listener {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	return tls.NewListener(l, &tls.Config{Certificates: s.TLS.Certificates})
}

// serve serves h over a listener on the given layer, "tcp" or "tls". The function that it
// returns dials it and does the websocket handshake; the TCP connection has a small
// receive buffer if small.
func serve(
	t *testing.T, l net.Listener, layer string, h http.Handler,
) (dial func(small bool, header http.Header) *wstest.Raw) {
	t.Helper()
	if layer == "tls" {
		l = tlsListener(l)
	}
	host := wstest.Serve(t, l, &http.Server{Handler: h}).Host
	return func(small bool, header http.Header) *wstest.Raw {
		t.Helper()
		conn := dialTCP(t, host, small)
		if layer == "tls" {
			conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
		}
		raw := wstest.Over(t, conn, host)
		raw.Upgrade("/", header)
		return raw
	}
}

func dialTCP(t *testing.T, host string, small bool) net.Conn {
	t.Helper()
	d := net.Dialer{Timeout: wstest.Wait}
	tcp, err := d.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	if small {
		tcp.(*net.TCPConn).SetReadBuffer(8 << 10)
	}
	return tcp
}

// wrapping is a listener that wraps what it accepts.
type wrapping struct {
	net.Listener
	wrap func(net.Conn) net.Conn
}

func (l wrapping) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.wrap(c), nil
}

// limited counts the connections that are not closed, as a LimitListener does.
type limited struct {
	net.Conn
	open *atomic.Int64
	once sync.Once
}

func (c *limited) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { c.open.Add(-1) })
	return err
}

// shown is limited, and shows the connection below, as deploying.md asks.
type shown struct{ *limited }

func (c shown) NetConn() net.Conn { return c.Conn }

// unable has a CloseWrite that cannot do it.
type unable struct{ net.Conn }

func (unable) CloseWrite() error { return errors.New("no half-close here") }

func within(t *testing.T, what string, d time.Duration, c <-chan time.Duration) {
	t.Helper()
	select {
	case took := <-c:
		if took > d {
			t.Errorf("%s after %v, want within %v", what, took, d)
		}
	case <-time.After(d + 3*time.Second):
		t.Errorf("%s: not within %v", what, d+3*time.Second)
	}
}
