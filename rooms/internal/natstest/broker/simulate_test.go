package broker_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// The histories take real time: few of them.
var seeds = history.SeedFlags(4)

// Contract 13.2, for sections 9 and 10 on a real NATS: the random histories of the
// simulation, while proxies stall, cut, delay and swallow, and the server is restarted.
// None is calm, so that a machine which stands still fails none: that is an outage, and
// it may be told.
func TestSimulate(t *testing.T) {
	seeds.Run(t, func(t *testing.T, seed uint64) {
		c := newCloud(t)
		c.options = impatient
		n := history.Network{
			Connect:       c.connect,
			Subscriptions: c.server.Subscriptions,
			Pace:          40 * time.Millisecond,
			Slowest:       30 * time.Second,
			Outages:       c.outages,
			Kill:          c.kill,
			Break:         c.breakSome,
		}
		history.Broadcasts(t, seed, n)
	})
}

// impatient has an outage noticed and mended in two seconds, which is otherwise fifteen.
// On a slow machine there are more outages then, each of which is told.
var impatient = []nats.Option{
	nats.PingInterval(500 * time.Millisecond),
	nats.MaxPingsOutstanding(2),
	nats.Timeout(time.Second),
}

// cloud is a NATS server, and the processes that reach it by a proxy each.
type cloud struct {
	t       *testing.T
	server  *natstest.Server
	options []nats.Option

	// Only the history's goroutine uses what follows.
	nodes []*node
	down  bool
}

func newCloud(t *testing.T) *cloud {
	return &cloud{t: t, server: natstest.NewServer(t)}
}

func (c *cloud) connect(t *testing.T) rooms.Broker {
	n := &node{proxy: natstest.NewProxy(t, c.server)}
	n.nc = natstest.Connect(t, n.proxy.URL(), c.options...)
	n.broker = natsrooms.NewBroker(n.nc, &natsrooms.BrokerOptions{OnOutage: func(err error) {
		if told := n.told.Load(); told != nil {
			(*told)(err)
		}
	}})
	t.Cleanup(n.broker.Close)
	n.id = len(c.nodes)
	c.nodes = append(c.nodes, n)
	return n.broker
}

func (c *cloud) outages(b rooms.Broker, told func(err error)) {
	for _, n := range c.nodes {
		if n.broker == b {
			n.told.Store(&told)
		}
	}
}

func (c *cloud) kill(b rooms.Broker) {
	for _, n := range c.nodes {
		if n.broker == b {
			n.kill()
		}
	}
}

// breakSome breaks the network of some processes, or stops the server.
func (c *cloud) breakSome(r *rand.Rand) (what string, mend func()) {
	if !c.down && r.IntN(4) == 0 {
		c.down = true
		c.server.Stop()
		return "the server is stopped", func() {
			c.server.Start(c.t)
			c.down = false
		}
	}
	var hit []*node
	var proxies []*natstest.Proxy
	for _, n := range c.nodes {
		if !n.killed && !n.broken && r.IntN(2) == 0 {
			n.broken = true
			hit, proxies = append(hit, n), append(proxies, n.proxy)
			what = fmt.Sprint(what, " ", n.id)
		}
	}
	kind, undo := natstest.Break(r, proxies)
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
	proxy          *natstest.Proxy
	nc             *nats.Conn
	broker         *natsrooms.Broker
	told           atomic.Pointer[func(error)] // of outages
	killed, broken bool
}

// kill loses what is on its way, and ends the connection.
func (n *node) kill() {
	n.killed = true
	n.proxy.Partition(true)
	n.proxy.Cut()
	n.nc.Close()
}
