package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/nats-io/nats-server/v2/server"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// The whole program: two nodes at one server, which end as they do at Ctrl-C.
func TestTwoNodes(t *testing.T) {
	t.Run("NATS", func(t *testing.T) { meetAt(t, startNATS(t), "") })
	t.Run("Redis", func(t *testing.T) { meetAt(t, "", startRedis(t)) })
}

// startNATS starts a NATS server that ends with the test, and returns its URL.
func startNATS(t *testing.T) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1,
		JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the NATS server does not listen")
	}
	return s.ClientURL()
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
	eventually(t, "Redis listens", func() bool {
		c, err := net.Dial("unix", socket)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return "unix://" + socket
}

func meetAt(t *testing.T, nats, redis string) {
	wstest.NoLeaks(t)
	a, b := start(t, nats, redis), start(t, nats, redis)
	ann := a.enter("room", "Ann", "")
	ann.sees("+Ann")
	ann.says("1", "one")
	b.lists(`{"room":1}`)
	b.dial("room", "ann", "", "another key").ends(closeRefused, taken)
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

	a.end() // and what was said is there when no node is
	cleo := start(t, nats, redis).enter("room", "Cleo", "")
	cleo.hears("Ann", "one")
	cleo.hears("Bo", "two")
}

// program is a node that runs as main runs it.
type program struct {
	tb      testing.TB
	address string
	end     func() // Ctrl-C, and wait
}

func start(t *testing.T, nats, redis string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := wstest.ListenTCP()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, l, nats, redis) }()
	p := &program{tb: t, address: l.Addr().String()}
	p.end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run() = %v, want nil", err)
		}
	})
	t.Cleanup(p.end)
	return p
}

func (p *program) dial(room, name, after string, key ...string) *client {
	p.tb.Helper()
	url := "ws://" + p.address + "/socket?" + query(room, name, after, key...)
	header := http.Header{"Origin": {"http://" + p.address}}
	conn, _, err := websocket.DefaultDialer.Dial(url, header)
	if err != nil {
		p.tb.Fatalf("%s: %v", name, err)
	}
	return newClient(p.tb, conn, name)
}

// enter joins a room, as soon as the node has its history.
func (p *program) enter(room, name, after string) (c *client) {
	p.tb.Helper()
	eventually(p.tb, name+" enters", func() bool {
		c = p.dial(room, name, after)
		m := c.read()
		return m != nil && m.Kind == "welcome"
	})
	return c
}

// lists waits until the lobby of the node shows these rooms.
func (p *program) lists(want string) {
	p.tb.Helper()
	eventually(p.tb, "the rooms are "+want, func() bool {
		resp, err := http.Get("http://" + p.address + "/rooms")
		if err != nil {
			p.tb.Fatal(err)
		}
		defer resp.Body.Close()
		got, _ := io.ReadAll(resp.Body)
		return strings.TrimSpace(string(got)) == want
	})
}

func eventually(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("waited in vain until %s", what)
		}
	}
}
