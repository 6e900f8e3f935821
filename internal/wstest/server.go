package wstest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/mempipe"
	"github.com/beatrichartz/martini-sockets/internal/serve"
)

// Server is a test's http.Server.
type Server struct {
	URL    string       // http://host:port
	Host   string       // host:port
	Config *http.Server // the argument of Serve

	tb testing.TB
	l  net.Listener
}

// NewServer serves h on loopback TCP. At the end of the test it closes its
// clients and waits for its handlers. A handler that does not return fails the
// test, with its stack.
func NewServer(tb testing.TB, h http.Handler) *Server {
	tb.Helper()
	return Serve(tb, ListenTCP(), &http.Server{Handler: h})
}

// NewMemoryServer is NewServer on a network in memory, for synctest bubbles. A
// write waits once buffer bytes are unread; zero means mempipe.DefaultBuffer.
func NewMemoryServer(tb testing.TB, h http.Handler, buffer int) *Server {
	return Serve(tb, mempipe.Listen(buffer), &http.Server{Handler: h})
}

// Serve is NewServer on any listener. config needs a Handler.
func Serve(tb testing.TB, l net.Listener, config *http.Server) *Server {
	running := serve.Start(l, config)
	tb.Cleanup(func() {
		if err := running.Stop(Wait); err != nil {
			tb.Errorf("wstest: %v", err)
		}
	})
	host := l.Addr().String()
	return &Server{URL: "http://" + host, Host: host, Config: config, tb: tb, l: l}
}

// Connect makes a raw client that has sent nothing yet.
func (s *Server) Connect() *Raw {
	s.tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Wait)
	defer cancel()
	l := s.l
	if counted, ok := l.(*Listener); ok {
		l = counted.Listener
	}
	var conn net.Conn
	var err error
	if mem, ok := l.(*mempipe.Listener); ok {
		conn, err = mem.Dial(ctx)
	} else {
		conn, err = new(net.Dialer).DialContext(ctx, "tcp", s.Host)
	}
	if err != nil {
		s.tb.Fatalf("wstest: %v", err)
	}
	return Over(s.tb, conn, s.Host)
}

// Dial makes a raw client and performs the handshake; see Raw.Upgrade for path
// and header.
func (s *Server) Dial(path string, header http.Header) *Raw {
	s.tb.Helper()
	raw := s.Connect()
	raw.Upgrade(path, header)
	return raw
}

// ListenTCP listens on a free port of the loopback interface.
func ListenTCP() net.Listener { return httptest.NewUnstartedServer(nil).Listener }
