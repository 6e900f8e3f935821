//go:build linux

package broker_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// network has a broker behind a proxy, far, and one that is not, near: it hears what
// gets through.
type network struct {
	*proxy.Proxy
	server    *redistest.Server
	target    target // of the proxy: server, unless the test changes it
	far, near *redisrooms.Broker
	heard     atomic.Int64 // by near
	back      atomic.Int64 // messages that far has heard
	outages   atomic.Int64 // told to the room of far
	hooked    atomic.Int64 // told to OnOutage of far
}

// target implements proxy.Target.
type target struct {
	atomic.Pointer[redistest.Server]
}

func (to *target) Address() string { return to.Load().Address() }

// startNetwork subscribes both to a room.
func startNetwork(t *testing.T) *network {
	t.Helper()
	s := redistest.NewServer(t)
	n := &network{server: s, near: newBroker(t, s)}
	n.target.Store(s)
	n.Proxy = proxy.New(t, &n.target)
	n.far = n.open(t, n.Address())
	subscribe(t, n.near, func([]byte, error) { n.heard.Add(1) })
	return n
}

// open makes a broker at an address that counts for far.
func (n *network) open(t *testing.T, address string) *redisrooms.Broker {
	t.Helper()
	b := redisrooms.NewBroker(redistest.Connect(t, address), &redisrooms.BrokerOptions{
		OnOutage: func(err error) {
			if errors.Is(err, redisrooms.ErrOutage) {
				n.hooked.Add(1)
			}
		},
	})
	t.Cleanup(b.Close)
	subscribe(t, b, func(_ []byte, err error) {
		switch {
		case err == nil:
			n.back.Add(1)
		case errors.Is(err, redisrooms.ErrOutage):
			n.outages.Add(1)
		}
	})
	return b
}

// resumes waits until both hear each other again, and far was told that it was broken.
func (n *network) resumes(t *testing.T, before int64) {
	t.Helper()
	heard, back := n.heard.Load(), n.back.Load()
	redistest.Eventually(t, "near hears far", func() bool {
		n.far.Publish("room", []byte("fresh"))
		return n.heard.Load() > heard
	})
	redistest.Eventually(t, "far hears near", func() bool {
		n.near.Publish("room", []byte("fresh"))
		return n.back.Load() > back
	})
	redistest.Eventually(t, "the outage is told to the room and the hook", func() bool {
		return n.outages.Load() > before && n.hooked.Load() > before
	})
}

// Contract 10.12: a network that takes no bytes. Publish waits for a second, and then not
// at all; delivery resumes when the network goes on.
func TestStall(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	n.Stall()
	begun := time.Now()
	for range 100 {
		if err := n.far.Publish("room", []byte("x")); !errors.Is(err, rooms.ErrSlowBroker) {
			t.Fatalf("Publish = %v, want %v", err, rooms.ErrSlowBroker)
		}
	}
	if took := time.Since(begun); took > 50*time.Second {
		t.Errorf("100 Publishes took %v, want a second for the first and none after it", took)
	}
	n.GoOn()
	n.resumes(t, 0)
}

// Contract 10.12: a partition without a reset is found by its silence, and told
// afterwards to everyone who may have lost something.
func TestPartition(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	n.Partition(true)
	if err := n.near.Publish("room", []byte("lost")); err != nil {
		t.Fatalf("Publish = %v, want no error", err)
	}
	redistest.Eventually(t, "it is lost", func() bool { return n.Lost() > 0 })
	if err := n.far.Publish("room", []byte("lost")); !errors.Is(err, redisrooms.ErrSlow) {
		t.Errorf("Publish = %v, want %v", err, redisrooms.ErrSlow)
	}
	n.Partition(false)
	n.resumes(t, 0)
}

// Contract 10.12: an outage that is over before anybody could notice is told as well.
func TestCut(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	for outage := range int64(3) {
		n.Cut()
		n.resumes(t, outage)
	}
}

// Contract 10.12: who subscribes in a stall that breaks no connection misses what is
// said until the stall is over, and is told. The other rooms are not.
func TestSubscribeInStall(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	n.Stall()
	in := newInbox()
	if err := n.far.Subscribe("new", in.receive); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	if err := n.near.Publish("new", []byte("missed")); err != nil {
		t.Fatalf("Publish = %v, want no error", err)
	}
	n.GoOn()
	in.want(t, redisrooms.ErrOutage.Error())
	if err := n.near.Publish("new", []byte("fresh")); err != nil {
		t.Fatalf("Publish = %v, want no error", err)
	}
	in.want(t, "fresh")
}

// Contract 10.12: what Publish has given up is not published when the server goes on.
func TestNothingLate(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	in := newInbox()
	if err := n.near.Subscribe("quiet", in.receive); err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	if err := n.far.Publish("quiet", []byte("first")); err != nil {
		t.Fatalf("Publish = %v, want no error", err)
	}
	in.want(t, "first")
	n.server.Pause()
	if err := n.far.Publish("quiet", []byte("late")); !errors.Is(err, redisrooms.ErrSlow) {
		t.Errorf("Publish = %v, want %v", err, redisrooms.ErrSlow)
	}
	n.server.Resume()
	redistest.Eventually(t, "Publish works again", func() bool {
		return n.far.Publish("quiet", []byte("fresh")) == nil
	})
	for got := ""; got != "fresh"; {
		if got = <-in; got == "late" {
			t.Error("the message that was given up has come")
		}
	}
}

// Contract 10.13: a subscription that is silently dead is found and told. Here, a server
// was replaced by another one, and all but the subscription have noticed: its connection
// is healthy, and nothing comes.
func TestSilentlyDead(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	next := redistest.NewServer(t)
	n.target.Store(next)
	n.server.Do(t, "CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
	n.near.Close()
	n.near = newBroker(t, next)
	subscribe(t, n.near, func([]byte, error) { n.heard.Add(1) })
	begun := time.Now()
	redistest.Eventually(t, "the dead subscription is told", func() bool {
		if err := n.near.Publish("room", []byte("unheard")); err != nil {
			t.Fatalf("Publish = %v, want no error", err)
		}
		return n.outages.Load() > 0
	})
	t.Logf("told after %v", time.Since(begun))
	n.resumes(t, 0)
	old := n.server.Connect(t)
	redistest.Eventually(t, "nothing is subscribed at the old server", func() bool {
		return redistest.Subscriptions(t, old, "*") == 0
	})
}
