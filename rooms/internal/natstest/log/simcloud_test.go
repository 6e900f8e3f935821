package log_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// cloud is a NATS server, the processes that reach it by a proxy each, and a recorder.
type cloud struct {
	t        *testing.T
	server   *natstest.Server
	options  natsrooms.LogOptions
	recorder *recorder
	nodes    []*node
	down     bool
}

func newCloud(t *testing.T, o natsrooms.LogOptions) *cloud {
	c := &cloud{t: t, server: startNATS(t), options: o, recorder: newRecorder(t)}
	c.recorder.attach(c.server)
	for range 3 {
		c.start()
	}
	return c
}

// node is a process on the cloud.
type node struct {
	id     int
	proxy  *natstest.Proxy
	nc     *nats.Conn
	log    *natsrooms.Log
	rooms  *rooms.LogRooms[*text]
	killed bool
}

// start starts a process.
func (c *cloud) start() string {
	n := &node{id: len(c.nodes), proxy: natstest.NewProxy(c.t, c.server)}
	n.nc = natstest.Connect(c.t, n.proxy.URL(), nats.PingInterval(500*time.Millisecond),
		nats.MaxPingsOutstanding(2), nats.Timeout(time.Second))
	n.log = natsrooms.NewLog(n.nc, &c.options)
	c.t.Cleanup(n.log.Close)
	n.rooms = rooms.NewOnLog(n.log, &rooms.Options[*text]{
		Grace: time.Minute, // a busy machine is no reason for removals
		Stamp: func(m *text, at string) *text { m.At = at; return m },
	})
	c.nodes = append(c.nodes, n)
	if !c.down {
		ready(c.t, n.log)
	}
	return fmt.Sprint("start process ", n.id)
}

func (c *cloud) living() []*node {
	return slices.DeleteFunc(slices.Clone(c.nodes), func(n *node) bool { return n.killed })
}

// kill ends a process, with what is on its way, or starts one if few are left.
func (c *cloud) kill(r *rand.Rand) string {
	living := c.living()
	if len(living) < 3 {
		return c.start()
	}
	n := living[r.IntN(len(living))]
	n.killed = true
	n.proxy.Refuse(true)
	n.nc.Close()
	return fmt.Sprint("kill process ", n.id)
}

// breakSome breaks the network of some processes.
func (c *cloud) breakSome(r *rand.Rand) string {
	kind := []struct {
		name  string
		begin func(p *natstest.Proxy)
	}{
		{name: "stall", begin: (*natstest.Proxy).Stall},
		{name: "cut", begin: (*natstest.Proxy).Cut},
		{name: "part", begin: func(p *natstest.Proxy) { p.Refuse(true) }},
	}[r.IntN(3)]
	what := kind.name
	for _, n := range c.living() {
		if r.IntN(2) == 0 {
			kind.begin(n.proxy)
			what = fmt.Sprint(what, " ", n.id)
		}
	}
	return what
}

func (c *cloud) mend() {
	for _, n := range c.living() {
		n.proxy.GoOn()
		n.proxy.Refuse(false)
	}
}

// restart stops the server, or starts it. A stream in memory is lost by that.
func (c *cloud) restart() string {
	if c.down {
		c.comeBack()
		return "start the server"
	}
	c.goAway()
	return "stop the server"
}

// goAway first lets the recorder have all that goes with a stream in memory.
func (c *cloud) goAway() {
	if c.options.Memory {
		c.quiet()
	}
	c.server.Stop()
	c.down = true
}

// comeBack lets the recorder hear before anybody can speak.
func (c *cloud) comeBack() {
	c.part(true)
	c.server.Start(c.t)
	if c.options.Memory {
		c.recorder.life++
	}
	c.recorder.attach(c.server)
	c.down = false
	c.part(false)
}

// lose loses all that there is.
func (c *cloud) lose() string {
	if c.down {
		return "wait"
	}
	if c.options.Memory {
		c.goAway()
		c.comeBack()
		return "lose the memory"
	}
	c.quiet()
	c.server.Lose(c.t)
	c.recorder.life++
	c.recorder.attach(c.server)
	c.part(false)
	return "lose the files"
}

// quiet parts the server from everybody, and waits until the recorder has all.
func (c *cloud) quiet() {
	c.part(true)
	c.recorder.catchUp()
}

func (c *cloud) part(apart bool) {
	for _, n := range c.living() {
		n.proxy.Refuse(apart)
	}
}
