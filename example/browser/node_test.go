package browser

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// wait bounds everything that is waited for. It is long because a loaded machine is slow,
// and passes only when a test fails.
const wait = time.Minute

// process is one of our programs as a person starts it. It says where it listens.
type process struct {
	*exec.Cmd
	address string // host and port
	ended   chan struct{}
}

var listens = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// start starts a program with more of an environment.
func start(path string, env ...string) (*process, error) {
	p := &process{Cmd: exec.Command(path), ended: make(chan struct{})}
	p.Env = append(os.Environ(), env...)
	said, out := io.Pipe()
	p.Stdout, p.Stderr = out, out
	if err := p.Start(); err != nil {
		return nil, err
	}
	found := make(chan string, 1)
	go func() { // until the program ends
		for lines := bufio.NewScanner(said); lines.Scan(); {
			select {
			case found <- listens.FindString(lines.Text()):
			default: // it is known
			}
		}
	}()
	go func() {
		p.Wait()
		out.Close()
		close(p.ended)
	}()
	select {
	case p.address = <-found:
		return p, nil
	case <-p.ended:
		return nil, errors.New("it ended at its start")
	case <-time.After(wait):
		p.kill()
		return nil, errors.New("it does not say where it listens")
	}
}

func (p *process) kill() {
	p.Process.Kill()
	<-p.ended
}

// ctrlC ends a program as Ctrl-C does.
func (p *process) ctrlC() error {
	p.Process.Signal(os.Interrupt)
	select {
	case <-p.ended:
	case <-time.After(wait):
		p.kill()
	}
	if code := p.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("it ended with %d, want 0", code)
	}
	return nil
}

// startNode starts a chat for one test, at a port; "0" is any that is free.
func startNode(tb testing.TB, port string) *process {
	tb.Helper()
	p, err := start(program, "HOST=127.0.0.1", "PORT="+port)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.kill)
	return p
}

// theNode is the chat of all tests that do not end it. It ends as it does at Ctrl-C.
var theNode = sync.OnceValues(func() (*process, error) {
	return start(program, "HOST=127.0.0.1", "PORT=0")
})

func stopNode() error {
	n, err := theNode()
	if err != nil {
		return err
	}
	return n.ctrlC()
}

// enter opens a room of the test's own at a node, for people in this order.
func enter(tb testing.TB, address string, names ...string) (all []*window) {
	tb.Helper()
	for _, name := range names {
		w := newWindow(tb)
		w.enter(address, roomOf(tb), name)
		all = append(all, w)
	}
	return all
}

// address is that of the node that tests share.
func address(tb testing.TB) string {
	tb.Helper()
	n, err := theNode()
	if err != nil {
		tb.Fatal(err)
	}
	return n.address
}

func roomOf(tb testing.TB) string { return strings.TrimPrefix(tb.Name(), "Test") }

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return port
}
