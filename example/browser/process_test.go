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

// says reads what a program writes until something matches, and drops the rest.
func says(out io.Reader, pattern string) (match string, err error) {
	wanted := regexp.MustCompile(pattern)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if match = wanted.FindString(lines.Text()); match != "" {
			go io.Copy(io.Discard, out) // until the program ends
			return match, nil
		}
	}
	return "", errors.New("it ended at its start")
}

func start(program, port string) (p *process, err error) {
	p = &process{Cmd: exec.Command(filepath.Join(dir, program))}
	p.Env = append(os.Environ(), "HOST=127.0.0.1", "PORT="+port)
	out, err := p.StdoutPipe()
	p.Stderr = p.Stdout
	if err = errors.Join(err, p.Start()); err == nil {
		p.address, err = says(out, `127\.0\.0\.1:\d+`)
	}
	for end := time.Now().Add(wait); err == nil; time.Sleep(5 * time.Millisecond) {
		c, late := net.Dial("tcp", p.address) // Martini says so before it listens
		if late == nil {
			return p, c.Close()
		}
		if time.Now().After(end) {
			err = late
		}
	}
	return nil, err
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
