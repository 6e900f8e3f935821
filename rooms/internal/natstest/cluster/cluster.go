//go:build linux

package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
)

// Cluster is some servers with JetStream. One goroutine uses it at a time.
type Cluster struct {
	Servers []*Server
	// routes has the way on which one server connects to another. The bytes between the
	// two go either that way or the other, in both directions.
	routes map[[2]int]*proxy.Proxy
}

// New starts a cluster of some servers, waits until it can keep a stream, and ends it
// after the test.
func New(t testing.TB, size int) *Cluster {
	t.Helper()
	c := &Cluster{routes: make(map[[2]int]*proxy.Proxy)}
	for i := range size {
		c.Servers = append(c.Servers, &Server{Name: fmt.Sprint("n", i), dir: t.TempDir()})
	}
	nowhere := proxy.New(t, c.Servers[0].routes())
	nowhere.Refuse(true)
	for i, s := range c.Servers {
		for j, other := range c.Servers {
			if i != j {
				c.routes[[2]int{i, j}] = proxy.New(t, other.routes())
			}
		}
		s.base = c.config(i, nowhere)
		s.configure(t, "")
	}
	t.Cleanup(func() {
		for _, s := range c.Servers {
			s.Kill()
		}
	})
	c.Start(t)
	c.Ready(t)
	return c
}

// Start starts all servers that are down, and resumes all that are paused.
func (c *Cluster) Start(t testing.TB) {
	t.Helper()
	if _, err := natsd(); err != nil {
		t.Fatal(err)
	}
	var starting sync.WaitGroup
	for _, s := range c.Servers {
		s.Resume()
		starting.Go(func() { s.start() })
	}
	starting.Wait()
	for _, s := range c.Servers {
		s.Start(t) // once more, if that has failed
	}
}

// config is the configuration of a server. Servers tell each other where they can be
// reached: nowhere, so that they use the proxies that they were given.
func (c *Cluster) config(i int, nowhere *proxy.Proxy) string {
	var routes []string
	for j := range c.Servers {
		if j != i {
			routes = append(routes, "nats-route://"+c.routes[[2]int{i, j}].Address())
		}
	}
	s := c.Servers[i]
	return fmt.Sprintf(`
server_name: %s
listen: "127.0.0.1:-1"
log_file: %q
jetstream { store_dir: %q }
cluster {
	name: test
	listen: "127.0.0.1:-1"
	advertise: %q
	no_advertise: true
	routes: [%s]
}
`, s.Name, filepath.Join(s.dir, "log"), s.store(), nowhere.Address(), strings.Join(routes, ", "))
}

func (s *Server) configure(t testing.TB, more string) {
	t.Helper()
	path := filepath.Join(s.dir, "config")
	if err := os.WriteFile(path, []byte(s.base+more), 0o600); err != nil {
		t.Fatalf("WriteFile = %v, want no error", err)
	}
}

// Between is the two ways between two servers. Whoever breaks one breaks the other.
func (c *Cluster) Between(i, j int) []*proxy.Proxy {
	return []*proxy.Proxy{c.routes[[2]int{i, j}], c.routes[[2]int{j, i}]}
}

// Around is all ways between a server and the others.
func (c *Cluster) Around(i int) (all []*proxy.Proxy) {
	for j := range c.Servers {
		if j != i {
			all = append(all, c.Between(i, j)...)
		}
	}
	return all
}

// Client is the ways of one client to the servers.
type Client []*proxy.Proxy

// Client makes the ways of a client.
func (c *Cluster) Client(t testing.TB) (ways Client) {
	for _, s := range c.Servers {
		ways = append(ways, proxy.New(t, s.clients()))
	}
	return ways
}

// URL is the addresses of all ways for nats.Connect; nats.go takes them in random order.
func (ways Client) URL() string {
	var urls []string
	for _, p := range ways {
		urls = append(urls, p.Address())
	}
	return strings.Join(urls, ",")
}
