// Package serve runs a real http.Server for a test, and knows when the last
// handler has returned. http.Server forgets a connection once a handler hijacks
// it, as a websocket handler does.
package serve

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/stacks"
)

// Server is a running http.Server. Its methods are safe for concurrent use.
type Server struct {
	config *http.Server
	served chan struct{} // closed when Serve has returned

	mu      sync.Mutex // protects the fields below
	running map[*http.Request]bool
	stopped bool
	idle    chan struct{} // closed when stopped and no handler runs
}

// Start serves l as config says. It wraps config's handler to count calls. Call
// Stop at the end.
func Start(l net.Listener, config *http.Server) *Server {
	s := &Server{
		config:  config,
		served:  make(chan struct{}),
		running: map[*http.Request]bool{},
		idle:    make(chan struct{}),
	}
	config.Handler = s.counted(config.Handler)
	go func() { // ends when Stop closes the listener
		defer close(s.served)
		// Serve never returns nil; here it returns ErrServerClosed.
		_ = config.Serve(l)
	}()
	return s
}

// Stop refuses new connections and requests, drops connections that no handler has
// hijacked, and waits for the handlers. If some have not returned after wait, the
// error names their requests and shows their stacks. Stop can be called again.
func (s *Server) Stop(wait time.Duration) error {
	s.refuse()
	_ = s.config.Close()
	<-s.served
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	select {
	case <-s.idle:
		return nil
	case <-timeout.C:
		return s.stuck(wait)
	}
}

func (s *Server) counted(h http.Handler) http.Handler {
	if h == nil {
		h = http.DefaultServeMux // as http.Server does
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.begin(r) {
			http.Error(w, "the test server is closed", http.StatusServiceUnavailable)
			return
		}
		defer s.end(r)
		runHandler(h, w, r)
	})
}

// runHandler is a function so that its name in a stack shows a running handler.
func runHandler(h http.Handler, w http.ResponseWriter, r *http.Request) {
	h.ServeHTTP(w, r)
}

func (s *Server) begin(r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.running[r] = true
	}
	return !s.stopped
}

func (s *Server) end(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, r)
	if s.stopped && len(s.running) == 0 {
		close(s.idle)
	}
}

func (s *Server) refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopped {
		s.stopped = true
		if len(s.running) == 0 {
			close(s.idle)
		}
	}
}

func (s *Server) stuck(wait time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for r := range s.running {
		names = append(names, fmt.Sprintf("%s %s from %s", r.Method, r.URL, r.RemoteAddr))
	}
	slices.Sort(names)
	return fmt.Errorf("handlers still run %v after the server was closed, and have to "+
		"return when their clients are gone: %s\n\n%s",
		wait, strings.Join(names, ", "),
		stacks.Join(stacks.With("internal/serve.runHandler(")))
}
