package browser

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// wait bounds everything that is waited for. It is long because a loaded machine is slow,
// and passes only when a test fails.
const wait = time.Minute

// process is one of our programs as a person starts it. It says where it listens.
type process struct {
	*exec.Cmd
	tb      testing.TB
	address string // host and port
}

var listens = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// program starts one of our programs for a test that needs a browser.
func program(t *testing.T, name string) *process {
	t.Helper()
	needBrowser(t)
	if name == "example" {
		return start(t, name, "127.0.0.1:0")
	}
	// Martini cannot say which port it got: it gets one that was free a moment ago.
	l := wstest.ListenTCP()
	l.Close()
	return start(t, name, l.Addr().String())
}

// start starts a program at an address, and waits until it listens.
func start(tb testing.TB, name, at string) *process {
	tb.Helper()
	host, port, _ := net.SplitHostPort(at)
	p := &process{Cmd: exec.Command(filepath.Join(dir, name)), tb: tb}
	p.Env = append(os.Environ(), "HOST="+host, "PORT="+port)
	out, err := p.StdoutPipe()
	p.Stderr = p.Stdout
	if err = errors.Join(err, p.Start()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Process.Kill(); p.Wait() })
	for lines := bufio.NewScanner(out); p.address == "" && lines.Scan(); {
		p.address = listens.FindString(lines.Text())
	}
	go io.Copy(io.Discard, out) // until the program ends
	for end := time.Now().Add(wait); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", p.address) // Martini says so before it listens
		if err == nil {
			c.Close()
			return p
		}
		if p.address == "" || time.Now().After(end) {
			tb.Fatal(err)
		}
	}
}

// ctrlC ends a program as Ctrl-C does.
func (p *process) ctrlC() {
	p.tb.Helper()
	p.Process.Signal(os.Interrupt)
	late := time.AfterFunc(wait, func() { p.Process.Kill() })
	defer late.Stop()
	if err := p.Wait(); err != nil {
		p.tb.Error(err)
	}
}
