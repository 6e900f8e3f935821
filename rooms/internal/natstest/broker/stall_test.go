package broker_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/internal/stacks"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// far is a broker behind a proxy, and near one that is not: it hears what gets through.
type network struct {
	*proxy.Proxy
	nc        *nats.Conn
	far, near *natsrooms.Broker
	heard     atomic.Int64 // by near
	outages   atomic.Int64 // told to the room of far
	hooked    atomic.Int64 // told to OnOutage of far
}

// startNetwork subscribes both to a room.
func startNetwork(t *testing.T, options ...nats.Option) *network {
	t.Helper()
	s := natstest.NewServer(t)
	n := &network{Proxy: proxy.New(t, s), near: newBroker(t, s)}
	n.nc = natstest.Connect(t, n.Address(), options...)
	n.far = natsrooms.NewBroker(n.nc, &natsrooms.BrokerOptions{OnOutage: func(err error) {
		if errors.Is(err, natsrooms.ErrOutage) {
			n.hooked.Add(1)
		}
	}})
	t.Cleanup(n.far.Close)
	subscribe(t, n.near, func([]byte, error) { n.heard.Add(1) })
	subscribe(t, n.far, func(_ []byte, err error) {
		if errors.Is(err, natsrooms.ErrOutage) {
			n.outages.Add(1)
		}
	})
	return n
}

// resumes waits until near hears far again, and far was told that it was broken.
func (n *network) resumes(t *testing.T, outages int64) {
	t.Helper()
	heard := n.heard.Load()
	natstest.Eventually(t, "delivery resumes", func() bool {
		n.far.Publish("room", []byte("fresh"))
		return n.heard.Load() > heard
	})
	natstest.Eventually(t, "the outage is told to the room", func() bool {
		return n.outages.Load() == outages
	})
	natstest.Eventually(t, "the outage is told to the hook", func() bool {
		return n.hooked.Load() == outages
	})
	if n.nc.IsClosed() {
		t.Error("the connection is closed, want it never to be")
	}
}

// Contract 10.5: a peer that takes no bytes. Publish waits for nats.go, and a broadcast
// for a second, and then not at all; delivery resumes when the network goes on.
func TestStall(t *testing.T) {
	const blocks = 4 * time.Second // nats.go
	n := startNetwork(t, nats.FlusherTimeout(blocks))
	r := rooms.New(&rooms.Options[[]byte]{Broker: n.far, MaxMessageSize: -1})
	large := make([]byte, 256<<10)
	n.Stall()
	var longest time.Duration
	failed := 0
	natstest.Eventually(t, "Broadcast returns errors", func() bool {
		start := time.Now()
		if err := r.Broadcast("other", large); errors.Is(err, rooms.ErrSlowBroker) {
			failed++
		}
		longest = max(longest, time.Since(start))
		return failed == 100
	})
	if longest > blocks-time.Second/2 {
		t.Errorf("Broadcast took %v, want a second at most", longest)
	}
	natstest.Eventually(t, "the connection counts as broken", func() bool {
		return !n.nc.IsConnected()
	})
	n.GoOn()
	n.resumes(t, 1)
}

// Contract 10.5: who subscribes in a stall that breaks no connection misses what is said
// until the stall is over, and is told. The other rooms are not.
func TestSubscribeInStall(t *testing.T) {
	n := startNetwork(t, nats.PingInterval(time.Hour)) // the connection holds
	n.Stall()
	var heard, outages atomic.Int64
	err := n.far.Subscribe("new", func(_ []byte, err error) {
		switch {
		case err == nil:
			heard.Add(1)
		case errors.Is(err, natsrooms.ErrOutage):
			outages.Add(1)
		}
	})
	if err != nil {
		t.Fatalf("Subscribe = %v, want no error", err)
	}
	if err := n.near.Publish("new", []byte("missed")); err != nil {
		t.Fatalf("Publish = %v, want no error", err)
	}
	n.GoOn()
	natstest.Eventually(t, "the stall is told to the room", func() bool {
		return outages.Load() == 1
	})
	before := heard.Load()
	if err := n.near.Publish("new", []byte("fresh")); err != nil {
		t.Fatalf("Publish = %v, want no error", err)
	}
	natstest.Eventually(t, "delivery has begun", func() bool { return heard.Load() > before })
	if got := n.nc.Stats().Reconnects; got != 0 {
		t.Fatalf("reconnected %d times, want the connection to hold", got)
	}
	natstest.Eventually(t, "the stall is told to the hook", func() bool {
		return n.hooked.Load() == 1
	})
	if all, late := n.outages.Load(), outages.Load(); all != 0 || late != 1 {
		t.Errorf("told the other room %d times, the late one %d times, want 0, 1", all, late)
	}
}

// The hardest moment for a stall to end is the one in which a write has failed: what is
// written next would follow half a message.
func TestStallEndsInMidFrame(t *testing.T) {
	n := startNetwork(t,
		nats.FlusherTimeout(50*time.Millisecond), nats.Timeout(time.Second/2))
	var failed atomic.Int64
	var done atomic.Bool
	var publishers sync.WaitGroup
	defer publishers.Wait()
	defer done.Store(true)
	for i := range 4 {
		publishers.Go(func() {
			large, room := make([]byte, 512<<10), fmt.Sprint("crowd", i)
			for !done.Load() {
				if n.far.Publish(room, large) != nil {
					failed.Add(1)
				}
				time.Sleep(time.Millisecond)
			}
		})
	}
	for range 5 {
		before, reconnects := failed.Load(), n.nc.Stats().Reconnects
		n.Stall()
		natstest.Eventually(t, "Publish returns errors", func() bool { return failed.Load() > before })
		n.GoOn()
		natstest.Eventually(t, "it reconnects", func() bool {
			return n.nc.Stats().Reconnects > reconnects
		})
		heard := n.heard.Load()
		natstest.Eventually(t, "delivery resumes", func() bool {
			n.far.Publish("room", []byte("fresh"))
			return n.heard.Load() > heard
		})
	}
}

// Contract 10.5: a partition without a reset is found by its silence, and told afterwards
// to everyone who may have lost something: Publish had to say that all was well.
func TestPartition(t *testing.T) {
	n := startNetwork(t, nats.PingInterval(20*time.Millisecond), nats.Timeout(time.Second))
	n.Partition(true)
	if err := n.far.Publish("room", []byte("lost")); err != nil {
		t.Logf("Publish = %v: the partition was noticed at once", err)
	}
	natstest.Eventually(t, "the connection counts as broken", func() bool {
		return !n.nc.IsConnected()
	})
	n.Partition(false)
	n.resumes(t, 1)
}

// An outage that is over before anybody could notice is told as well.
func TestCut(t *testing.T) {
	n := startNetwork(t)
	for outage := range int64(3) {
		n.Cut()
		n.resumes(t, outage+1)
	}
}

// A connection that is closed for good is told, once.
func TestClosedConnection(t *testing.T) {
	n := startNetwork(t)
	natstest.Eventually(t, "both watch", func() bool { return len(stacks.With(watchers)) == 2 })
	n.nc.Close()
	natstest.Eventually(t, "the end is told to the room", func() bool {
		return n.outages.Load() == 1
	})
	if err := n.far.Publish("room", nil); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("Publish = %v, want %v", err, nats.ErrConnectionClosed)
	}
	n.far.Close() // by then the watcher has looked again
	if got := n.outages.Load(); got != 1 {
		t.Errorf("told %d times, want once", got)
	}
}

// Contract 10.10: a message over a limit that the server did not announce closes the
// connection for good, whatever MaxReconnect says. All rooms are told at once; every call
// returns why. With Connect the broker carries on.
func TestClosedForGood(t *testing.T) {
	for _, mends := range []bool{false, true} {
		t.Run(fmt.Sprint("mends ", mends), func(t *testing.T) {
			s := natstest.NewServer(t)
			o := &natsrooms.BrokerOptions{}
			tries := 0
			if mends {
				o.Connect = func() (*nats.Conn, error) {
					if tries++; tries == 1 {
						return nil, errors.New("not yet")
					}
					return s.Connect(t), nil
				}
			}
			nc := s.Connect(t)
			b := natsrooms.NewBroker(nc, o)
			t.Cleanup(b.Close)
			var heard, closed, outages atomic.Int64
			for i := range 10 {
				err := b.Subscribe(fmt.Sprint(i), func(_ []byte, lost error) {
					switch {
					case errors.Is(lost, nats.ErrConnectionClosed):
						closed.Add(1)
					case errors.Is(lost, natsrooms.ErrOutage):
						outages.Add(1)
					case lost == nil:
						heard.Add(1)
					}
				})
				if err != nil {
					t.Fatalf("Subscribe = %v, want no error", err)
				}
			}
			s.Reload(t, func(o *server.Options) { o.MaxPayload = 1000 })
			if err := b.Publish("0", make([]byte, 2000)); err != nil {
				t.Fatalf("Publish = %v, want no error yet", err)
			}
			natstest.Eventually(t, "the connection is closed", nc.IsClosed)
			natstest.Eventually(t, "all rooms are told", func() bool { return closed.Load() == 10 })
			if !mends {
				err := b.Publish("0", nil)
				if !errors.Is(err, nats.ErrConnectionClosed) ||
					!strings.Contains(strings.ToLower(err.Error()), "payload") {
					t.Errorf("Publish = %v, want %v and the reason", err, nats.ErrConnectionClosed)
				}
				return
			}
			natstest.Eventually(t, "all rooms are told that it is over", func() bool {
				return outages.Load() == 10
			})
			publisher := newBroker(t, s)
			for i := range 10 {
				before := heard.Load()
				if err := publisher.Publish(fmt.Sprint(i), []byte("x")); err != nil {
					t.Errorf("Publish = %v, want no error", err)
				}
				natstest.Eventually(t, "the room hears", func() bool { return heard.Load() > before })
			}
			if err := b.Publish("0", make([]byte, 2000)); !errors.Is(err, nats.ErrMaxPayload) {
				t.Errorf("Publish over the limit = %v, want %v", err, nats.ErrMaxPayload)
			}
			if err := b.Unsubscribe("0"); err != nil {
				t.Errorf("Unsubscribe = %v, want no error", err)
			}
			natstest.Eventually(t, "the subscription ends", func() bool {
				return s.Subscriptions() == 9
			})
		})
	}
}
