package browser

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// wait bounds everything that is waited for. It is long because a loaded machine is slow, and passes only when a test fails.
const wait = 20 * time.Second

// node is the chat as a person starts it, in a process of its own.
type node struct {
	tb      testing.TB
	address string // host and port of its pages
	nats    string // address of the NATS server inside, if it has one
	cmd     *exec.Cmd
	ended   chan struct{}
}

var (
	listening = regexp.MustCompile(`listening on http://(\S+)`)
	natsAt    = regexp.MustCompile(`-nats (nats://\S+)`)
)

// startNode starts the chat at 127.0.0.1 and a port; "0" is any that is free.
func startNode(tb testing.TB, port string, args ...string) *node {
	tb.Helper()
	n := &node{tb: tb, cmd: exec.Command(program, args...), ended: make(chan struct{})}
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
	go n.follow(out, len(args) > 0 && args[len(args)-1] == "embed:0", found)
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
func (n *node) follow(out io.Reader, embeds bool, found chan<- struct{}) {
	defer close(n.ended)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n.tb.Logf("node: %s", lines.Text())
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			n.address = m[1]
		}
		if m := natsAt.FindStringSubmatch(lines.Text()); m != nil {
			n.nats = m[1]
		}
		if found != nil && n.address != "" && (n.nats != "" || !embeds) {
			close(found)
			found = nil
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

// gate is an address that stays, as that of a load balancer does: it leads to one node or another, or to none.
type gate struct {
	address string
	to      atomic.Value // string

	mu   sync.Mutex // protects open
	open map[net.Conn]bool
}

func newGate(tb testing.TB, to string) *gate {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	g := &gate{address: l.Addr().String(), open: make(map[net.Conn]bool)}
	g.lead(to)
	tb.Cleanup(func() { l.Close(); g.cut() })
	go func() { // until the listener is closed
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(in)
		}
	}()
	return g
}

// lead changes where new connections go; to nowhere with "".
func (g *gate) lead(to string) { g.to.Store(to) }

// cut ends all connections without a word.
func (g *gate) cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		c.Close()
	}
	clear(g.open)
}

// freeze stops what is under way without closing it, as a network does that has lost its way.
func (g *gate) freeze() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		c.SetReadDeadline(time.Unix(1, 0))
	}
}

// pass carries bytes in both directions. Connections that were frozen stay open until they are cut.
func (g *gate) pass(in net.Conn) {
	out, err := net.Dial("tcp", g.to.Load().(string))
	if err != nil {
		in.Close()
		return
	}
	g.mu.Lock()
	g.open[in], g.open[out] = true, true
	g.mu.Unlock()
	go carry(in, out)
	carry(out, in)
}

func carry(to, from net.Conn) {
	if _, err := io.Copy(to, from); !errors.Is(err, os.ErrDeadlineExceeded) {
		to.Close()
		from.Close()
	}
}
