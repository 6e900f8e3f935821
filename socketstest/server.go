package socketstest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/serve"
)

// host is the name of every Server, the one that httptest.NewRequest uses.
const host = "example.com"

// How long Close waits for the handlers: more than any wait that a handler
// should have at its end.
const closeWait = 10 * time.Second

// Server serves a handler in memory, under the name example.com. Make it with
// NewServer. The fields can be set until the first Dial or DialContext, which
// starts it; the methods are safe for concurrent use.
type Server struct {
	// Config is the http.Server that serves the handler, for tests that need
	// its BaseContext or its ErrorLog.
	Config *http.Server

	// Dialer is what Dial uses, for tests that need subprotocols, compression
	// or a cookie jar. Its network functions are ignored. A HandshakeTimeout of
	// zero means ten seconds.
	Dialer websocket.Dialer

	// Buffer is how many bytes the network takes in each direction, on the way
	// to a peer that does not read, before a write waits. Zero means 64 KiB.
	Buffer int

	tb       testing.TB
	start    sync.Once
	listener *mempipe.Listener // set by start, as is running
	running  *serve.Server

	mu      sync.Mutex // protects what follows
	clients []net.Conn
	closed  bool // the clients were dropped; one that comes later is dropped at once
}

// NewServer makes a server for h. It is closed when the test ends.
func NewServer(tb testing.TB, h http.Handler) *Server {
	s := &Server{Config: &http.Server{Handler: h}, tb: tb}
	tb.Cleanup(s.Close)
	return s
}

// Close ends the server: it refuses new clients, drops the network connections
// of those there are, without a close frame, and waits for the handlers. When
// one has not returned after ten seconds the test fails, with the handler's
// stack. Only the first call does something; it must not be a handler's.
func (s *Server) Close() {
	s.tb.Helper()
	if !s.dropClients() {
		return
	}
	s.started()
	if err := s.running.Stop(closeWait); err != nil {
		s.tb.Errorf("socketstest: %v", err)
	}
}

// started starts the server if it does not run yet.
func (s *Server) started() {
	s.start.Do(func() {
		s.listener = mempipe.Listen(s.Buffer)
		s.running = serve.Start(s.listener, s.Config)
	})
}

// DialContext makes a network connection to the server, whatever network and
// address are. It has the form that http.Transport asks for: for tests that
// fetch a page, or a session cookie, from the handler that also serves the
// websocket. It waits until ctx ends or the server accepts.
func (s *Server) DialContext(
	ctx context.Context, network, address string,
) (net.Conn, error) {
	s.started()
	conn, err := s.listener.Dial(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = conn.Close()
	}
	s.clients = append(s.clients, conn)
	return conn, nil
}

// dropClients reports whether it was the first call.
func (s *Server) dropClients() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.closed
	s.closed = true
	for _, c := range s.clients {
		_ = c.Close() // an error says that the test has closed it
	}
	return first
}
