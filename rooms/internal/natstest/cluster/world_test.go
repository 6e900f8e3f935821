//go:build linux

package cluster_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest/cluster"
)

// world is a cluster for histories. The history's goroutine uses it.
type world struct {
	t         *testing.T
	c         *cluster.Cluster
	a         *cluster.Admin
	options   logOptions
	processes []*process    // that live
	ready     bool          // the stream has been there
	broken    []func()      // mends
	saved     cluster.Disks // nil, or what Lose goes back to
	clocks    bool          // may be set
}

func newWorld(t *testing.T, size int, o logOptions) *world {
	c := cluster.New(t, size, "")
	return &world{t: t, c: c, a: c.Admin(t), options: o}
}

func (w *world) world() history.World {
	return history.World{Connect: w.Connect, Break: w.Break, Mend: w.Mend, Drop: w.Drop, Lose: w.Lose,
		Holds: w.Holds, Left: w.Left, Steps: 25, Pace: 800 * time.Millisecond,
		Slowest: 6 * time.Second, Healing: 30 * time.Second}
}

// Mend is World.Mend.
func (w *world) Mend() {
	for _, mend := range w.broken {
		mend()
	}
	w.broken = nil
}

// Break is World.Break. It kills a server only while all have everything: otherwise two
// might lose what they had not written yet, and with it what was acknowledged.
func (w *world) Break(r *rand.Rand) string {
	switch n := r.IntN(100); {
	case n < 20:
		if len(w.broken) > 0 {
			return "nothing"
		}
		return w.breakServer(r)
	case n < 45:
		return w.breakRoutes(r)
	case n < 70:
		return w.breakClients(r)
	case n < 80:
		return fmt.Sprint("the stream's leader steps down: ", w.a.StepDown(stream))
	case n < 85:
		return fmt.Sprint("the cluster's leader steps down: ", w.a.MetaStepDown())
	case w.clocks:
		return w.setClock(r)
	}
	return "nothing"
}

func (w *world) breakServer(r *rand.Rand) string {
	w.a.Settled(stream)
	s := w.c.Servers[r.IntN(len(w.c.Servers))]
	w.broken = append(w.broken, func() { s.Resume(); s.Start(w.t) })
	switch n := r.IntN(3); {
	case n == 0:
		s.Pause()
		return fmt.Sprint(s.Name, " stands still")
	case n == 1 && w.options.Replicas > 1:
		s.Kill()
		s.LoseDisk(w.t)
		return fmt.Sprint(s.Name, " is killed, and loses its disk")
	case w.options.Memory && w.options.Replicas <= 1:
		w.broken = nil
		return "nothing: the stream is in the memory of one"
	}
	s.Kill()
	if r.IntN(2) == 0 {
		w.Mend()
		return fmt.Sprint(s.Name, " is killed, and starts again")
	}
	return fmt.Sprint(s.Name, " is killed")
}

func (w *world) breakRoutes(r *rand.Rand) string {
	i := r.IntN(len(w.c.Servers))
	if r.IntN(2) == 0 {
		return fmt.Sprintf("between n%d and the others: %s", i, w.breakWays(r, w.c.Around(i)))
	}
	j := (i + 1) % len(w.c.Servers)
	return fmt.Sprintf("between n%d and n%d: %s", i, j, w.breakWays(r, w.c.Between(i, j)))
}

func (w *world) breakClients(r *rand.Rand) (what string) {
	p := w.processes[r.IntN(len(w.processes))]
	ways := p.ways
	if r.IntN(2) == 0 {
		i := r.IntN(len(w.c.Servers))
		ways, what = ways[i:i+1], fmt.Sprint(" on the way to n", i)
	}
	return fmt.Sprintf("a process at %s%s: %s", p.nc.ConnectedServerName(), what, w.breakWays(r, ways))
}

// breakWays breaks some proxies in one way.
func (w *world) breakWays(r *rand.Rand, ways []*natstest.Proxy) string {
	kind := faults[r.IntN(len(faults))]
	for _, p := range ways {
		kind.begin(p)
		w.broken = append(w.broken, func() { kind.end(p) })
	}
	return kind.name
}

// faults are what can break between two.
var faults = []struct {
	name       string
	begin, end func(p *natstest.Proxy)
}{
	{name: "stall", begin: (*natstest.Proxy).Stall, end: (*natstest.Proxy).GoOn},
	{name: "cut", begin: (*natstest.Proxy).Cut, end: func(*natstest.Proxy) {}},
	{
		name:  "refuse",
		begin: func(p *natstest.Proxy) { p.Refuse(true) },
		end:   func(p *natstest.Proxy) { p.Refuse(false) },
	},
	{
		name:  "delay",
		begin: func(p *natstest.Proxy) { p.Slow(50 * time.Millisecond) },
		end:   func(p *natstest.Proxy) { p.Slow(0) },
	},
	{
		// The rest of a connection whose bytes were lost is of no use.
		name:  "partition",
		begin: func(p *natstest.Proxy) { p.Partition(true) },
		end: func(p *natstest.Proxy) {
			p.Partition(false)
			p.Cut()
		},
	},
}

func (w *world) setClock(r *rand.Rand) string {
	s := w.c.Servers[r.IntN(len(w.c.Servers))]
	by := time.Duration(r.Int64N(int64(8*time.Second))) - 4*time.Second
	s.Clock(w.t, by)
	return fmt.Sprintf("the clock of %s is off by %v", s.Name, by)
}

// Drop is World.Drop.
func (w *world) Drop(r *rand.Rand) string {
	if r.IntN(2) == 0 {
		return fmt.Sprint("purge the lobby: ", w.a.Purge(stream, subject("lobby")))
	}
	var before int64
	err := w.a.Edit(stream, func(c *jetstream.StreamConfig) {
		before, c.MaxMsgsPerSubject = c.MaxMsgsPerSubject, 2
	})
	if err == nil {
		natstest.Eventually(w.t, "the limit is what it was", func() bool {
			return w.a.Edit(stream, func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = before }) == nil
		})
	}
	return fmt.Sprint("a lower limit, for a moment: ", err)
}

// Lose is World.Lose.
func (w *world) Lose(r *rand.Rand) (what string, kept uint64) {
	w.Mend()
	w.a.Settled(stream)
	for _, s := range w.c.Servers {
		s.Kill()
	}
	switch {
	case w.saved == nil:
		w.saved, what = w.c.Save(w.t), "kill all, and copy the disks"
	default:
		w.c.SetBack(w.t, w.saved)
		w.saved, what = nil, "set all back"
	}
	w.c.Start(w.t)
	w.a.Leader(stream)
	w.a.Settled(stream)
	natstest.Eventually(w.t, "the state is known", func() bool {
		info, err := w.a.Stream(stream)
		if err == nil {
			kept = info.State.LastSeq
		}
		return err == nil
	})
	return what, kept
}
