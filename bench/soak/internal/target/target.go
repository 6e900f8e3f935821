// Package target is the server that a soak attacks: echoes and rooms on this library, as
// programs write them, on a plain and on a TLS port of the loopback.
package target

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// HeaderWait is how long a client may take for its handshake, that of TLS included. On a
// busy machine a good one may need longer.
const HeaderWait = 10 * time.Second

// Target is a running server. Its methods are safe for concurrent use.
type Target struct {
	faults   Faults
	messages atomic.Int64 // that it was asked to send back, or to broadcast
	group    sockets.Group
	texts    *rooms.Rooms[string]
	prepared *rooms.Rooms[serve.PreparedMessage]
	plain    *httptest.Server
	secure   *httptest.Server
}

// Start starts a server on free ports. The caller calls Stop.
func Start(f Faults) *Target {
	t := &Target{
		faults:   f,
		texts:    rooms.New[string](nil),
		prepared: rooms.New[serve.PreparedMessage](nil),
	}
	h := t.handler()
	t.plain, t.secure = server(h), server(h)
	t.plain.Start()
	t.secure.StartTLS()
	return t
}

func server(h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Listener = narrow{s.Listener}
	s.Config.ReadHeaderTimeout = HeaderWait
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of TLS handshakes that are garbage
	return s
}

// Address is where clients connect to; with secure, by TLS.
func (t *Target) Address(secure bool) string {
	if secure {
		return t.secure.Listener.Addr().String()
	}
	return t.plain.Listener.Addr().String()
}

// TLS is what a client needs to trust the server.
func (t *Target) TLS() *tls.Config {
	return t.secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
}

// Open is the number of connections whose handler has not returned.
func (t *Target) Open() int { return t.group.Len() }

// Rooms is the number of rooms that have members.
func (t *Target) Rooms() int { return len(t.texts.Names()) + len(t.prepared.Names()) }

// Removed is the number of members that rooms have removed.
func (t *Target) Removed() uint64 {
	return t.texts.Stats().Removed + t.prepared.Stats().Removed
}

// Stop ends the connections that are left, with 1001, and then the servers.
func (t *Target) Stop(ctx context.Context) error {
	err := t.group.Shutdown(ctx)
	for _, s := range []*httptest.Server{t.plain, t.secure} {
		s.CloseClientConnections() // those in their handshake
		err = cmp.Or(err, s.Config.Shutdown(ctx))
		s.Close()
	}
	return err
}

// narrow gives each connection a small send buffer in the kernel. With what Linux lends
// on a loopback, no stalled client would ever stop a writer or fill a backlog.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		_ = c.(*net.TCPConn).SetWriteBuffer(8 << 10) // fails where the client has gone already
	}
	return c, err
}

func (t *Target) handler() http.Handler {
	m, r := martini.New(), martini.NewRouter()
	m.Map(log.New(io.Discard, "", 0))
	m.Use(martini.Recovery())
	m.MapTo(r, (*martini.Routes)(nil))
	m.Action(r.Handle)
	t.route(r)
	return m
}
