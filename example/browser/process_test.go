package browser

import (
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/port"
)

// wait bounds everything that is waited for. It is long because a loaded machine is slow,
// and passes only when a test fails.
const wait = time.Minute

// process is one of our programs as a person starts it.
type process struct {
	*exec.Cmd
	tb      testing.TB
	address string // host and port
}

// program starts one of our programs for a test that needs a browser.
func program(t *testing.T, name string) *process {
	t.Helper()
	needBrowser(t)
	return start(t, name, port.Reserve(t).String())
}

// start starts a program at an address, and waits until it listens.
func start(tb testing.TB, name, at string) *process {
	tb.Helper()
	host, port, _ := net.SplitHostPort(at)
	p := &process{Cmd: exec.Command(filepath.Join(dir, name)), tb: tb, address: at}
	p.Env = append(os.Environ(), "HOST="+host, "PORT="+port)
	if err := p.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { p.Process.Kill(); p.Wait() })
	for end := time.Now().Add(wait); ; time.Sleep(5 * time.Millisecond) {
		c, err := net.Dial("tcp", at)
		if err == nil {
			c.Close()
			return p
		}
		if time.Now().After(end) {
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
