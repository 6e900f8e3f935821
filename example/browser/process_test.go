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
)

// wait bounds everything that is waited for. It is long because a loaded machine is slow,
// and passes only when a test fails.
const wait = time.Minute

// process is one of our programs as a person starts it. It says where it listens.
type process struct {
	*exec.Cmd
	address string // host and port
}

var listens = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// start starts a program, and waits until it listens.
func start(program, port string) (*process, error) {
	p := &process{Cmd: exec.Command(filepath.Join(dir, program))}
	p.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT="+port)
	out, err := p.StdoutPipe()
	p.Stderr = p.Stdout
	if err = errors.Join(err, p.Start()); err != nil {
		return nil, err
	}
	for lines := bufio.NewScanner(out); p.address == "" && lines.Scan(); {
		p.address = listens.FindString(lines.Text())
	}
	go io.Copy(io.Discard, out) // until the program ends
	for end := time.Now().Add(wait); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", p.address) // Martini says so before it listens
		if err == nil {
			return p, c.Close()
		}
		if p.address == "" || time.Now().After(end) {
			return nil, err
		}
	}
}

// ctrlC ends a program as Ctrl-C does.
func (p *process) ctrlC() error {
	p.Process.Signal(os.Interrupt)
	late := time.AfterFunc(wait, func() { p.Process.Kill() })
	defer late.Stop()
	return p.Wait()
}

// startProgram starts a program for one test, at the port of an address, or at any.
// Martini cannot say which port it got; then it is one that was free a moment ago.
func startProgram(tb testing.TB, program, at string) *process {
	tb.Helper()
	port := "0"
	if at == "" && program != "example" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		at = l.Addr().String()
		l.Close()
	}
	if at != "" {
		_, port, _ = net.SplitHostPort(at)
	}
	p, err := start(program, port)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Process.Kill(); p.Wait() })
	return p
}
