//go:build linux

package main

import (
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/child"
)

// startRedis starts a Redis server that listens at a file, and ends it after the test. It
// returns its URL.
func startRedis(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip(err)
	}
	socket := filepath.Join(t.TempDir(), "redis")
	cmd := exec.Command(path, "--port", "0", "--unixsocket", socket, "--save", "")
	if err := child.Start(cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return "unix://" + socket
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}
