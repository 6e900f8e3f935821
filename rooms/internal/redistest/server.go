//go:build linux

// Package redistest has what the tests on a real Redis need: servers from the package of
// the system, as processes of their own that end with the test. The tests are below it.
//
// It is a module of its own, so that no user's go.sum names what only tests need.
package redistest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/internal/port"
	"github.com/beatrichartz/martini-sockets/rooms/internal/child"
	"github.com/beatrichartz/martini-sockets/rooms/internal/disk"
)

// Patience is how long what Redis does may take. A test that passes never waits for it.
const Patience = 40 * time.Second

// Server is a Redis server that can be killed and paused, and started again on the port
// and with the files that it had. One goroutine uses it at a time, but for Address.
type Server struct {
	program string
	dir     string // the configuration, the log, and the data in a folder of its own
	address string
	cmd     *exec.Cmd // nil while it is down
}

// NewServer starts a server on loopback, and ends it after the test. It syncs its
// append-only file at each command. More are lines of its configuration, which come
// after those.
func NewServer(t testing.TB, more ...string) *Server {
	t.Helper()
	return newServer(t, "redis-server", append([]string{
		"save \"\"", "appendonly yes", "appendfsync always", "enable-debug-command local",
		"repl-diskless-sync-delay 0",
	}, more...))
}

// newServer starts a program that listens as a server does.
func newServer(t testing.TB, program string, lines []string) *Server {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed: %v", program, err)
	}
	s := &Server{program: program, dir: t.TempDir(), address: port.Reserve(t).String()}
	t.Cleanup(s.Kill)
	lines = append([]string{
		"bind 127.0.0.1", "port " + s.Port(), "dir " + s.data(),
		"logfile " + filepath.Join(s.dir, "log"),
	}, lines...)
	s.write(t, "config", strings.Join(lines, "\n")+"\n")
	disk.Lose(t, s.data()) // makes an empty folder
	s.Start(t)
	return s
}

func (s *Server) write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		t.Fatalf("WriteFile = %v, want no error", err)
	}
}

// data is the folder of the server's data.
func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// Address is where the server listens, also while it is down.
func (s *Server) Address() string { return s.address }

// Port is that of Address.
func (s *Server) Port() string { return strings.TrimPrefix(s.address, "127.0.0.1:") }

// Start starts a server that was killed, and waits until it takes commands.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	s.cmd = exec.Command(s.program, filepath.Join(s.dir, "config"))
	if err := child.Start(s.cmd); err != nil {
		s.cmd = nil
		t.Fatalf("%s = %v, want no error", s.program, err)
	}
	Eventually(t, s.program+" takes commands", func() bool { return answers(s.address) })
}

// answers reports whether a server takes commands, or does so after a password.
func answers(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(Patience))
	answer := make([]byte, 7)
	fmt.Fprint(conn, "PING\r\n")
	_, err = io.ReadFull(conn, answer)
	return err == nil && (string(answer) == "+PONG\r\n" || string(answer[:3]) == "-NO")
}

// Kill ends the server at once, as kill -9 does. One that was killed may be killed again.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.cmd = nil
}

// Pause has the server stand still, and the kernel keep its connections.
func (s *Server) Pause() { s.cmd.Process.Signal(syscall.SIGSTOP) }

// Resume ends Pause.
func (s *Server) Resume() { s.cmd.Process.Signal(syscall.SIGCONT) }

// Lose kills the server, and starts it without the files of its data.
func (s *Server) Lose(t testing.TB) {
	t.Helper()
	s.Kill()
	disk.Lose(t, s.data())
	s.Start(t)
}

// Snapshot copies the files of the data, and returns what sets the server back to them.
// Both start it again.
func (s *Server) Snapshot(t *testing.T) (rewind func(t *testing.T)) {
	t.Helper()
	s.Kill()
	restore := disk.Save(t, s.data())
	s.Start(t)
	return func(t *testing.T) {
		t.Helper()
		s.Kill()
		restore(t)
		s.Start(t)
	}
}

// Connect makes a client of the server, and closes it after the test.
func (s *Server) Connect(t testing.TB) *redis.Client {
	t.Helper()
	return Connect(t, s.address)
}

// Do has the server do a command, as redis-cli does.
func (s *Server) Do(t testing.TB, args ...any) any {
	t.Helper()
	got, err := s.Connect(t).Do(context.Background(), args...).Result()
	if err != nil {
		t.Fatalf("%v = %v, want no error", args, err)
	}
	return got
}
