package redisrooms

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is a Redis that knows no command. What has the mark is not answered; with cut,
// the connection ends then.
type server struct {
	listener net.Listener
	cut      bool
	marked   atomic.Int64
	serving  sync.WaitGroup
}

const mark = "the mark"

func newServer(t *testing.T, cut bool) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("net.Listen = %v, want no error", err)
	}
	s := &server{listener: listener, cut: cut}
	s.serving.Go(s.accept)
	t.Cleanup(func() {
		listener.Close()
		s.serving.Wait()
	})
	return s
}

func (s *server) accept() {
	for {
		c, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.serving.Go(func() { s.serve(c) })
	}
}

// serve ends when the client closes the connection.
func (s *server) serve(c net.Conn) {
	defer c.Close()
	piece := make([]byte, 4096)
	for {
		n, err := c.Read(piece)
		switch {
		case err != nil:
			return
		case !bytes.Contains(piece[:n], []byte(mark)):
			fmt.Fprint(c, strings.Repeat("-ERR unknown command\r\n", bytes.Count(piece[:n], []byte("*"))))
			continue
		}
		s.marked.Add(1)
		if s.cut {
			return
		}
	}
}

// clients are the program's, with go-redis's defaults.
func clients(t *testing.T, s *server) map[string]redis.UniversalClient {
	address := s.listener.Addr().String()
	node := func(context.Context) ([]redis.ClusterSlot, error) {
		nodes := []redis.ClusterNode{{Addr: address}}
		return []redis.ClusterSlot{{Start: 0, End: 16383, Nodes: nodes}}, nil
	}
	all := map[string]redis.UniversalClient{
		"one server": redis.NewClient(&redis.Options{Addr: address}),
		"a cluster":  redis.NewClusterClient(&redis.ClusterOptions{ClusterSlots: node}),
	}
	for _, c := range all {
		t.Cleanup(func() { c.Close() })
	}
	return all
}

// Contract 10.14: what is lost is not sent again, although the program's client would.
func TestSendsOnce(t *testing.T) {
	s := newServer(t, true)
	for name, u := range clients(t, s) {
		t.Run(name, func(t *testing.T) {
			for _, own := range []bool{false, true} {
				s.marked.Store(0)
				var err error
				if own {
					c := newClient("Test", u)
					defer c.close()
					_, err = c.run(t.Context(), script{hash: "hash"}, []string{"key"}, mark)
				} else {
					err = u.EvalSha(t.Context(), "hash", []string{"key"}, mark).Err()
				}
				if err == nil {
					t.Error("no error, want one")
				}
				if got := s.marked.Load(); own && got != 1 || !own && got < 2 {
					t.Errorf("own copy %v: sent %d times, want once with it, and more without",
						own, got)
				}
			}
		})
	}
}

// Contract 10.14: a call ends with its context, although the program's client goes on.
func TestContextEnds(t *testing.T) {
	s := newServer(t, false)
	for name, u := range clients(t, s) {
		t.Run(name, func(t *testing.T) {
			c := newClient("Test", u)
			defer c.close()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			start := time.Now()
			_, err := c.run(ctx, script{hash: "hash"}, []string{"key"}, mark)
			if took := time.Since(start); err == nil || took > serverWait {
				t.Errorf("run = %v after %v, want an error soon after 50ms", err, took)
			}
		})
	}
}

func TestNewClient(t *testing.T) {
	tests := []struct {
		name   string
		client redis.UniversalClient
		want   string
	}{
		{name: "nil", want: "Test: the client is nil"},
		{name: "nil client", client: (*redis.Client)(nil), want: "Test: the client is nil"},
		{name: "nil cluster", client: (*redis.ClusterClient)(nil), want: "Test: the client is nil"},
		{name: "ring", client: (*redis.Ring)(nil), want: "Test: a Ring spreads"},
		{name: "wrapped", client: struct{ *redis.Client }{}, want: "Test: a struct"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				got, _ := recover().(string)
				if !strings.HasPrefix(got, "redisrooms: "+test.want) {
					t.Errorf("newClient panics with %q, want %q", got, test.want)
				}
			}()
			newClient("Test", test.client)
		})
	}
}

// The program's client stays as it is.
func TestOwnCopy(t *testing.T) {
	s := newServer(t, true)
	for name, u := range clients(t, s) {
		c := newClient("Test", u)
		defer c.close()
		switch u := u.(type) {
		case *redis.Client:
			if o := u.Options(); o.MaxRetries != 3 || o.ContextTimeoutEnabled || o.ReadTimeout != 5*time.Second {
				t.Errorf("%s: %+v, want the defaults", name, o)
			}
		case *redis.ClusterClient:
			if o := u.Options(); o.ContextTimeoutEnabled || o.ReadTimeout != 5*time.Second {
				t.Errorf("%s: %+v, want the defaults", name, o)
			}
		}
	}
}

// Contract 10.13: what is silently dead is found within 15 seconds.
func TestProbeIsInTime(t *testing.T) {
	if most := probePause + probeWait + serverWait; most > 15*time.Second {
		t.Errorf("a probe, its answer and a new connection take up to %v, want 15s", most)
	}
}
