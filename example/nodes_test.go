package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// The whole program: two nodes at one server, which end as they do at Ctrl-C.
func TestTwoNodes(t *testing.T) {
	t.Run("NATS", func(t *testing.T) {
		nats, stop, err := startNATS(-1, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(stop)
		meetAt(t, nodes{nats: nats})
	})
	t.Run("Redis", func(t *testing.T) { meetAt(t, nodes{redis: startRedis(t)}) })
}

// startRedis starts a Redis server that listens at a file, and returns its URL. The
// server ends with the test, even if that is killed: then the input of cat ends.
func startRedis(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip(err)
	}
	socket := filepath.Join(t.TempDir(), "redis")
	cmd := exec.Command("sh", "-c", `"$@" & cat; kill $!; wait`, "sh",
		path, "--port", "0", "--unixsocket", socket, "--save", "")
	input, err := cmd.StdinPipe()
	if err := errors.Join(err, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { input.Close(); cmd.Wait() })
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		if c, err := net.Dial("unix", socket); err == nil {
			c.Close()
			return "unix://" + socket
		} else if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func meetAt(t *testing.T, n nodes) {
	wstest.NoLeaks(t)
	a, b := start(t, n), start(t, n)
	ann := a.enter("room", "Ann", "")
	ann.sees("+Ann")
	ann.says("1", "one")
	bo := b.enter("room", "Bo", "")
	bo.hears("Ann", "one")
	bo.sees("+Bo")
	ann.sees("+Bo")
	at := bo.says("1", "two").At
	ann.hears("Bo", "two")

	b.end()
	ann.sees("-Bo")
	bo.ends(websocket.CloseGoingAway, "")
	bo = a.enter("room", "Bo", at)
	ann.sees("+Bo")
	bo.sees("+Bo")
	bo.send(&Message{Kind: "say", ID: "1", Text: "two"}) // delivered by the other node
	bo.next("kept")
	bo.silent()
	ann.silent()
}

// What was said is there when the only node, with NATS inside, has been started anew.
func TestHistoryOutlivesTheProgram(t *testing.T) {
	files := t.TempDir()
	for life := range 2 {
		n := start(t, nodes{nats: "embed:-1", files: files})
		ann := n.enter("room", "Ann", "")
		if life == 1 {
			ann.hears("Ann", "said in the first life")
		}
		ann.sees("+Ann")
		if life == 0 {
			ann.says("1", "said in the first life")
		}
		n.end()
	}
}

// program is a node that runs as main runs it.
type program struct {
	tb      testing.TB
	address string
	end     func() // Ctrl-C, and wait
}

func start(t *testing.T, n nodes) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := wstest.ListenTCP(t)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, l, n) }()
	p := &program{tb: t, address: l.Addr().String()}
	over := false
	p.end = func() {
		cancel()
		if over {
			return
		}
		over = true
		if err := <-ended; err != nil {
			t.Errorf("run() = %v, want nil", err)
		}
	}
	t.Cleanup(p.end)
	return p
}

// enter joins a room, as soon as the node has its history.
func (p *program) enter(room, name, after string) *client {
	p.tb.Helper()
	url := "ws://" + p.address + "/socket?" + query(room, name, after)
	header := http.Header{"Origin": {"http://" + p.address}}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		conn, _, err := websocket.DefaultDialer.Dial(url, header)
		if err != nil {
			p.tb.Fatalf("%s: %v", name, err)
		}
		c := newClient(p.tb, conn, name)
		if m := c.read(); m != nil && m.Kind == "welcome" {
			return c
		}
	}
	p.tb.Fatalf("%s cannot enter", name)
	return nil
}
