package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
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
	return "unix://" + socket
}

func meetAt(t *testing.T, nats, redis string) {
	wstest.NoLeaks(t)
	a, b := start(t, nats, redis), start(t, nats, redis)
	ann := a.enter("room", "Ann", "")
	ann.gets("+Ann")
	ann.says("1", "one")
	eventually(t, "the other node shows the room", func() bool {
		resp, err := http.Get("http://" + b.address + "/rooms")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		got, _ := io.ReadAll(resp.Body)
		return string(got) == `{"room":1}`+"\n"
	})
	b.dial("room", "ann", "", "another key").gets("close 4000: " + taken)
	bo := b.enter("room", "Bo", "")
	bo.gets("Ann: one")
	bo.gets("+Bo")
	ann.gets("+Bo")
	at := bo.says("1", "two").At
	ann.gets("Bo: two")

	b.end()
	ann.gets("-Bo")
	bo.gets("close 1001 (going away)")
	bo = a.enter("room", "Bo", at)
	ann.gets("+Bo")
	bo.gets("+Bo")
	bo.send(&Message{Kind: "say", ID: "1", Text: "two"}) // delivered by the other node
	bo.gets("kept")
	bo.silent()
	ann.silent()

	a.end() // and what was said is there when no node is
	cleo := start(t, nats, redis).enter("room", "Cleo", "")
	cleo.gets("Ann: one")
	cleo.gets("Bo: two")
}

// program is a node that runs as main runs it.
type program struct {
	node
	address string
	end     func() // Ctrl-C, and wait
}

func start(t *testing.T, nats, redis string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := wstest.ListenTCP()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, l, nats, redis) }()
	p := &program{node: node{tb: t}, address: l.Addr().String()}
	p.connect = func(path string) (*websocket.Conn, *http.Response, error) {
		return websocket.DefaultDialer.Dial("ws://"+p.address+path,
			http.Header{"Origin": {"http://" + p.address}})
	}
	p.end = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run() = %v, want nil", err)
		}
	})
	t.Cleanup(p.end)
	return p
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

func eventually(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("waited in vain until %s", what)
		}
	}
}
