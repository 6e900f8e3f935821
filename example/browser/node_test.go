package browser

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// wait bounds everything that is waited for. It is long because a loaded machine is slow,
// and passes only when a test fails.
const wait = time.Minute

// node is the chat as a person starts it, in a process of its own.
type node struct {
	tb      testing.TB
	address string // host and port of its pages
	cmd     *exec.Cmd
	ended   chan struct{}
}

var listening = regexp.MustCompile(`listening on http://(\S+)`)

// startNode starts the chat at 127.0.0.1 and a port; "0" is any that is free.
func startNode(tb testing.TB, port string) *node {
	tb.Helper()
	n := &node{tb: tb, cmd: exec.Command(program), ended: make(chan struct{})}
	n.cmd.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT="+port)
	out, err := n.cmd.StderrPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(n.ctrlC)
	found := make(chan struct{})
	go n.follow(out, found)
	select {
	case <-found:
	case <-n.ended:
		tb.Fatal("the chat ended at its start")
	case <-time.After(wait):
		tb.Fatal("the chat does not say where it listens")
	}
	return n
}

// follow reads what the chat writes, until the process ends.
func (n *node) follow(out io.Reader, found chan<- struct{}) {
	defer close(n.ended)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n.tb.Logf("node: %s", lines.Text())
		if m := listening.FindStringSubmatch(lines.Text()); m != nil && n.address == "" {
			n.address = m[1]
			close(found)
		}
	}
	n.cmd.Wait()
}

func (n *node) port() string {
	_, port, _ := net.SplitHostPort(n.address)
	return port
}

// ctrlC ends the chat as Ctrl-C does, and waits until it has. It can be called again.
func (n *node) ctrlC() {
	n.tb.Helper()
	n.cmd.Process.Signal(os.Interrupt)
	select {
	case <-n.ended:
	case <-time.After(wait):
		n.cmd.Process.Kill()
		n.tb.Error("the chat did not end")
	}
	if code := n.cmd.ProcessState.ExitCode(); code != 0 {
		n.tb.Errorf("the chat ended with %d, want 0", code)
	}
}
