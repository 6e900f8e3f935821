package history

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
)

// Cloud is a real server, and the processes that reach it by a proxy each. Set the fields,
// and give [Cloud.Network] to a history.
type Cloud struct {
	Server proxy.Target
	// Connect makes a broker that reaches the server at an address, and calls told after
	// each outage. Cut ends its connections.
	Connect func(t *testing.T, address string, told func(err error)) (
		b rooms.Broker, cut func())
	Subscriptions func() int
	// Faults are what can happen to the server; only one at a time.
	Faults []Fault

	// Only the history's goroutine uses what follows.
	nodes []*node
	down  bool
}

// Fault breaks something.
type Fault struct {
	Name       string
	Begin, End func()
}

// Network returns the network of processes. It takes real time.
func (c *Cloud) Network() Network {
	return Network{
		Connect:       c.connect,
		Subscriptions: c.Subscriptions,
		Pace:          40 * time.Millisecond,
		Slowest:       30 * time.Second,
		Shared:        true,
		Outages:       true,
		Kills:         true,
		Break:         c.breakSome,
	}
}

// connect starts a process. Kill loses what is on its way, and ends the connections.
func (c *Cloud) connect(t *testing.T, told func(error)) (b rooms.Broker, kill func()) {
	n := &node{id: len(c.nodes), proxy: proxy.New(t, c.Server)}
	c.nodes = append(c.nodes, n)
	b, cut := c.Connect(t, n.proxy.Address(), told)
	return b, func() {
		n.killed = true
		n.proxy.Partition(true)
		n.proxy.Cut()
		cut()
	}
}

// breakSome breaks the network of some processes, or the server.
func (c *Cloud) breakSome(r *rand.Rand) (what string, mend func()) {
	if !c.down && r.IntN(4) == 0 {
		c.down = true
		fault := c.Faults[r.IntN(len(c.Faults))]
		fault.Begin()
		return fault.Name, func() {
			fault.End()
			c.down = false
		}
	}
	var hit []*node
	var proxies []*proxy.Proxy
	for _, n := range c.nodes {
		if !n.killed && !n.broken && r.IntN(2) == 0 {
			n.broken = true
			hit, proxies = append(hit, n), append(proxies, n.proxy)
			what = fmt.Sprint(what, " ", n.id)
		}
	}
	kind, undo := proxy.Break(r, proxies)
	return fmt.Sprintf("%s for processes%s", kind, what), func() {
		undo()
		for _, n := range hit {
			n.broken = false
		}
	}
}

// node is a process on the cloud.
type node struct {
	id             int
	proxy          *proxy.Proxy
	killed, broken bool
}

// Presences runs some histories of a presence, each on a cloud of its own. The first is
// calm.
func Presences(t *testing.T, some int, open func(t *testing.T) *Cloud) {
	for seed := range some {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			n := open(t).Network()
			if seed == 0 {
				n.Kills, n.Break = false, nil
			}
			Presence(t, uint64(seed), n)
		})
	}
}
