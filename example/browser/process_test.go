package browser

import (
	"bufio"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
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

// guest is somebody in a room without a window, which would take a second of the
// processor.
type guest struct {
	*apptest.Page
	tb testing.TB
}

func (p *process) guest(room, name string) *guest {
	p.tb.Helper()
	key := strings.ToLower(name[:1]) // makes the colours of the README's pictures
	query := url.Values{"room": {room}, "name": {name}, "key": {key}}.Encode()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+p.address+"/socket?"+query,
		http.Header{"Origin": {"http://" + p.address}})
	if err != nil {
		p.tb.Fatalf("%s: %v", name, err)
	}
	p.tb.Cleanup(func() { conn.Close() })
	g := &guest{apptest.Open(conn), p.tb}
	<-g.Messages // the welcome
	return g
}

func (g *guest) say(text string) {
	g.tb.Helper()
	err := g.WriteJSON(map[string]string{"kind": "say", "id": rand.Text(), "text": text})
	if err != nil {
		g.tb.Fatal(err)
	}
}
