// Package natstest has what the tests on a real NATS need: a server in the test's
// process. The tests are below it.
//
// It is a module of its own, so that no user's go.sum names the server.
package natstest

import (
	"net"
	"strconv"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/internal/port"
	"github.com/beatrichartz/martini-sockets/rooms/internal/disk"
)

// Server is a NATS server that can be killed, and started again on the port and with the
// files that it had. One goroutine uses it at a time, but for Subscriptions.
type Server struct {
	options server.Options
	running *server.Server
	own     uint32 // subscriptions
}

// NewServer starts a server on loopback, and stops it after the test. Configure changes
// the options that it starts with.
func NewServer(t testing.TB, configure ...func(o *server.Options)) *Server {
	t.Helper()
	s := &Server{options: server.Options{
		Host: "127.0.0.1", Port: port.Reserve(t).Port, NoLog: true, NoSigs: true,
	}}
	for _, change := range configure {
		change(&s.options)
	}
	s.Start(t)
	t.Cleanup(s.Stop)
	return s
}

// Start starts a server that was stopped.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	options := s.options // the server changes its own
	running, err := server.NewServer(&options)
	if err != nil {
		t.Fatalf("server.NewServer = %v, want no error", err)
	}
	running.Start()
	if !running.ReadyForConnections(Patience) {
		t.Fatalf("the NATS server is not ready after %v", Patience)
	}
	s.running, s.own = running, running.NumSubscriptions()
}

// Stop kills the server. One that was stopped may be stopped again.
func (s *Server) Stop() {
	s.running.Shutdown()
	s.running.WaitForShutdown()
}

// Reload changes the options of the running server, as a reload of its configuration
// does.
func (s *Server) Reload(t testing.TB, change func(o *server.Options)) {
	t.Helper()
	change(&s.options)
	options := s.options
	if err := s.running.ReloadOptions(&options); err != nil {
		t.Fatalf("ReloadOptions = %v, want no error", err)
	}
}

// Lose loses the files of JetStream, and starts the server again.
func (s *Server) Lose(t testing.TB) {
	t.Helper()
	s.Stop()
	disk.Lose(t, s.options.StoreDir)
	s.Start(t)
}

// Snapshot copies the files of JetStream, and returns what sets the server back to them.
// Both start it again.
func (s *Server) Snapshot(t *testing.T) (rewind func(t *testing.T)) {
	t.Helper()
	s.Stop()
	restore := disk.Save(t, s.options.StoreDir)
	s.Start(t)
	return func(t *testing.T) {
		t.Helper()
		s.Stop()
		restore(t)
		s.Start(t)
	}
}

// Address is where the server listens, also while it is stopped.
func (s *Server) Address() string {
	return net.JoinHostPort(s.options.Host, strconv.Itoa(s.options.Port))
}

// URL is Address for nats.Connect.
func (s *Server) URL() string { return s.running.ClientURL() }

// Connect makes a connection as the function Connect does.
func (s *Server) Connect(t testing.TB, options ...nats.Option) *nats.Conn {
	t.Helper()
	return Connect(t, s.URL(), options...)
}

// Subscriptions returns how many the clients have together.
func (s *Server) Subscriptions() int {
	return int(s.running.NumSubscriptions()) - int(s.own)
}

// Messages returns how many messages the server was sent since it started.
func (s *Server) Messages(t testing.TB) int64 {
	t.Helper()
	v, err := s.running.Varz(nil)
	if err != nil {
		t.Fatalf("Varz = %v, want no error", err)
	}
	return v.InMsgs
}
