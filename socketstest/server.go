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

// host is the name of every Server, the same as httptest.NewRequest uses.
const host = "example.com"

// closeWait is how long Close waits for the handlers: longer than any handler
// should take to end.
const closeWait = 10 * time.Second

// Server serves a handler in memory, under the name example.com. Make it with
// NewServer. You can set its fields until the first Dial or DialContext, which
// starts it. Its methods are safe for concurrent use.
type Server struct {
	// Config is the http.Server that serves the handler. Set its BaseContext or
	// its ErrorLog if a test needs them.
	Config *http.Server

	// Dialer is used by Dial. Set subprotocols, compression or a cookie jar if
	// a test needs them. Its network functions are ignored. A HandshakeTimeout
	// of zero means ten seconds.
	Dialer websocket.Dialer

	// Buffer is how many unread bytes the network holds in each direction
	// before a write waits. Zero means 64 KiB.
	Buffer int

	tb       testing.TB
	start    sync.Once
	listener *mempipe.Listener // set by start, like running
	running  *serve.Server

	mu      sync.Mutex // protects the fields below
	clients []net.Conn
	closed  bool // the clients were disconnected; a new one is disconnected at once
}

// NewServer makes a server for h. It is closed when the test ends.
func NewServer(tb testing.TB, h http.Handler) *Server {
	s := &Server{Config: &http.Server{Handler: h}, tb: tb}
	tb.Cleanup(s.Close)
	return s
}

// Close ends the server. It refuses new clients, drops the network connections
// of the others without a close frame, and waits for the handlers. If a handler
// has not returned after ten seconds, the test fails and shows its stack. Only
// the first call has an effect. A handler must not call Close.
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

// started starts the server unless it is already running.
func (s *Server) started() {
	s.start.Do(func() {
		s.listener = mempipe.Listen(s.Buffer)
		s.running = serve.Start(s.listener, s.Config)
	})
}

// DialContext makes a network connection to the server and ignores network and
// address. It fits http.Transport, for tests that fetch a page or a session
// cookie from the handler that also serves the websocket. It waits until the
// server accepts, or until ctx ends.
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

// dropClients disconnects the clients. It reports whether this was the first call.
func (s *Server) dropClients() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.closed
	s.closed = true
	for _, c := range s.clients {
		_ = c.Close() // an error means that the test has closed it
	}
	return first
}
