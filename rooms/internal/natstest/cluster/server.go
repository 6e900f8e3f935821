//go:build linux

package cluster

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/child"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

// Server is one of the cluster's. One goroutine uses it at a time; but its addresses are
// for all.
type Server struct {
	Name   string
	dir    string // config, log, store
	base   string // the configuration without what a test adds
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	paused bool
	clock  time.Duration

	mu sync.Mutex // protects at
	at ready
}

// ready is the first line that natsd writes.
type ready struct{ Client, Route string }

// endpoint is one of the addresses of a server.
type endpoint struct {
	server *Server
	of     func(ready) string
}

// Address implements proxy.Target. A server that is down keeps the one that it had.
func (e endpoint) Address() string {
	e.server.mu.Lock()
	defer e.server.mu.Unlock()
	return e.of(e.server.at)
}

func (s *Server) clients() endpoint {
	return endpoint{s, func(r ready) string { return r.Client }}
}

func (s *Server) routes() endpoint {
	return endpoint{s, func(r ready) string { return r.Route }}
}

// Running reports whether the server was started, and neither killed nor paused.
func (s *Server) Running() bool { return s.cmd != nil && !s.paused }

// Start starts a server that was killed, with the files and the clock that it had. It
// returns when clients can connect; the others may not know the server yet.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		t.Fatalf("%s does not start: %v: %s", s.Name, err, log[max(0, len(log)-2000):])
	}
	if s.clock != 0 {
		s.Clock(t, s.clock)
	}
}

func (s *Server) start() error {
	if s.cmd != nil {
		return nil
	}
	path, err := natsd()
	if err != nil {
		return err
	}
	cmd := exec.Command(path, filepath.Join(s.dir, "config"))
	cmd.Args[0] = "natsd"
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := child.Start(cmd); err != nil {
		return err
	}
	s.cmd, s.stdin, s.stdout = cmd, stdin, bufio.NewReader(stdout)
	var at ready
	line, err := s.line()
	if err == nil {
		err = json.Unmarshal([]byte(line), &at)
	}
	if err != nil {
		s.Kill()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
	return nil
}

// line reads a line that natsd writes.
func (s *Server) line() (line string, err error) {
	timer := time.AfterFunc(natstest.Patience, func() { s.cmd.Process.Kill() })
	defer timer.Stop()
	return s.stdout.ReadString('\n')
}

// Kill ends the server at once, as kill -9 does. One that was killed may be killed again.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	s.stdin.Close()
	s.cmd.Wait()
	s.cmd, s.paused = nil, false
}

// Pause has the server stand still, and the kernel keep its connections.
func (s *Server) Pause() {
	if s.cmd != nil {
		s.paused = s.cmd.Process.Signal(syscall.SIGSTOP) == nil
	}
}

// Resume ends Pause.
func (s *Server) Resume() {
	if s.paused {
		s.cmd.Process.Signal(syscall.SIGCONT)
		s.paused = false
	}
}

// Clock has the server's clock show that much more than the machine's, also after it was
// started again.
func (s *Server) Clock(t testing.TB, by time.Duration) {
	t.Helper()
	s.clock = by
	s.obey(t, fmt.Sprint("clock ", by))
}

// Reload has the server read a configuration, which begins with the one that it had.
func (s *Server) Reload(t testing.TB, more string) {
	t.Helper()
	s.configure(t, more)
	s.obey(t, "reload")
}

func (s *Server) obey(t testing.TB, command string) {
	t.Helper()
	if !s.Running() {
		return
	}
	fmt.Fprintln(s.stdin, command)
	if line, err := s.line(); err != nil || line != "<nil>\n" {
		t.Fatalf("%s: %s = %q, %v, want no error", s.Name, command, line, err)
	}
}

// PID is the number of the server's process.
func (s *Server) PID() int { return s.cmd.Process.Pid }
