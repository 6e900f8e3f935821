//go:build linux

package cluster_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest/cluster"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
)

// world is a cluster for histories. The history's goroutine uses it.
type world struct {
	t         *testing.T
	c         *cluster.Cluster
	a         *cluster.Admin
	options   logOptions
	processes []*process       // that live
	ready     bool             // the stream has been there
	broken    int              // how much is
	setBack   func(testing.TB) // nil, or what Lose goes back with
	clocks    bool             // may be set
}

func newWorld(t *testing.T, size int, o logOptions) *world {
	c := cluster.New(t, size)
	return &world{t: t, c: c, a: c.Admin(t), options: o}
}

func (w *world) world() history.World {
	return history.World{
		Connect: w.Connect, Break: w.Break, Drop: w.Drop, Lose: w.Lose,
		Last: w.Last, Holds: w.Holds, Servers: w.Servers, Steps: 15, Backlog: 2000,
		Pace: 800 * time.Millisecond, Slowest: 6 * time.Second, Healing: 30 * time.Second,
	}
}

// Servers is World.Servers: the admin appends, and reads that.
func (w *world) Servers() string {
	ctx, cancel := context.WithTimeout(w.t.Context(), 10*time.Second)
	defer cancel()
	s, err := w.a.JetStream().Stream(ctx, stream)
	if err != nil {
		return fmt.Sprint("no state of the stream: ", err)
	}
	ack, err := w.a.JetStream().Publish(ctx, subject("nobody"), []byte("hello"))
	if err != nil {
		return fmt.Sprintf("no append: %v, %+v", err, s.CachedInfo().Cluster)
	}
	if _, err := s.GetMsg(ctx, ack.Sequence); err != nil {
		return fmt.Sprintf("no read: %v, %+v", err, s.CachedInfo().Cluster)
	}
	return ""
}

// Break is World.Break.
func (w *world) Break(r *rand.Rand) (what string, mend func()) {
	what, undo := w.breakSome(r)
	w.broken++
	return what, func() {
		w.broken--
		undo()
	}
}

func (w *world) breakSome(r *rand.Rand) (what string, mend func()) {
	switch n := r.IntN(100); {
	case n < 20 && w.broken == 0:
		return w.breakServer(r)
	case n < 45:
		return w.breakRoutes(r)
	case n < 70:
		return w.breakClients(r)
	case n < 80:
		return fmt.Sprint("the stream's leader steps down: ", w.a.StepDown(stream)), nothing
	case n < 85:
		return fmt.Sprint("the cluster's leader steps down: ", w.a.MetaStepDown()), nothing
	case w.clocks:
		return w.setClock(r), nothing
	}
	return "nothing", nothing
}

func nothing() {}

// breakServer kills a server only while all have everything: otherwise two might lose
// what they had not written yet, and with it what was acknowledged.
func (w *world) breakServer(r *rand.Rand) (what string, mend func()) {
	w.a.Settled(stream)
	s := w.c.Servers[r.IntN(len(w.c.Servers))]
	mend = func() { s.Resume(); s.Start(w.t) }
	replicas := w.options.Replicas
	switch n := r.IntN(4); {
	case n == 0 || w.options.Memory && replicas == 1:
		s.Pause()
		return fmt.Sprint(s.Name, " stands still"), mend
	case n == 1 && replicas > 1:
		s.Kill()
		s.LoseDisk(w.t)
		return fmt.Sprint(s.Name, " is killed, and loses its disk"), mend
	case n == 2:
		s.Kill()
		s.Start(w.t)
		return fmt.Sprint(s.Name, " is killed, and starts again"), nothing
	}
	s.Kill()
	return fmt.Sprint(s.Name, " is killed"), mend
}

func (w *world) breakRoutes(r *rand.Rand) (what string, mend func()) {
	i := r.IntN(len(w.c.Servers))
	j := (i + 1) % len(w.c.Servers)
	ways, to := w.c.Around(i), "the others"
	if r.IntN(2) == 0 {
		ways, to = w.c.Between(i, j), fmt.Sprint("n", j)
	}
	kind, mend := proxy.Break(r, ways)
	return fmt.Sprintf("between n%d and %s: %s", i, to, kind), mend
}

func (w *world) breakClients(r *rand.Rand) (what string, mend func()) {
	p := w.processes[r.IntN(len(w.processes))]
	ways := p.ways
	if r.IntN(2) == 0 {
		i := r.IntN(len(w.c.Servers))
		ways, what = ways[i:i+1], fmt.Sprint(" on the way to n", i)
	}
	kind, mend := proxy.Break(r, ways)
	return fmt.Sprintf("a process at %s%s: %s", p.nc.ConnectedServerName(), what, kind), mend
}

func (w *world) setClock(r *rand.Rand) string {
	s := w.c.Servers[r.IntN(len(w.c.Servers))]
	by := time.Duration(r.Int64N(int64(8*time.Second))) - 4*time.Second
	s.Clock(w.t, by)
	return fmt.Sprintf("the clock of %s is off by %v", s.Name, by)
}

// Drop is World.Drop.
func (w *world) Drop(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return fmt.Sprint("purge the lobby: ", w.a.Purge(stream, subject("lobby")))
	case 1:
		err := w.a.Edit(stream, func(c *jetstream.StreamConfig) { c.AllowRollup = true })
		if err == nil {
			err = w.a.Rollup(subject("lobby"))
		}
		return fmt.Sprint("a rollup of the lobby: ", err)
	case 2:
		return fmt.Sprint("end one of the lobby: ", w.endOne(r))
	}
	var before int64
	err := w.a.Edit(stream, func(c *jetstream.StreamConfig) {
		before, c.MaxMsgsPerSubject = c.MaxMsgsPerSubject, 2
	})
	if err == nil {
		natstest.Eventually(w.t, "the limit is what it was", func() bool {
			return w.limit(before) == nil
		})
	}
	return fmt.Sprint("a lower limit, for a moment: ", err)
}

// endOne deletes a message of the lobby, as the end of its time to live does, but not the
// last one: nobody could tell (see the documentation of natsrooms).
func (w *world) endOne(r *rand.Rand) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), 5*time.Second)
	defer cancel()
	s, err := w.a.JetStream().Stream(ctx, stream)
	if err != nil {
		return err
	}
	last, err := s.GetLastMsgForSubject(ctx, subject("lobby"))
	if err != nil {
		return err
	}
	from := jetstream.WithGetMsgSubject(subject("lobby"))
	msg, err := s.GetMsg(ctx, 1+r.Uint64N(last.Sequence), from)
	if err != nil || msg.Sequence == last.Sequence {
		return err
	}
	return s.DeleteMsg(ctx, msg.Sequence)
}

// limit sets how many messages of a room are kept.
func (w *world) limit(n int64) error {
	return w.a.Edit(stream, func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = n })
}

// Lose is World.Lose.
func (w *world) Lose(*rand.Rand) (what string, lost bool) {
	w.a.Settled(stream)
	for _, s := range w.c.Servers {
		s.Kill()
	}
	switch {
	case w.setBack == nil:
		w.setBack, what = w.c.Save(w.t), "kill all, and copy the disks"
	default:
		w.setBack(w.t)
		w.setBack, what = nil, "set all back"
	}
	w.c.Start(w.t)
	w.a.Leader(stream)
	w.a.Settled(stream)
	return what, true
}

// Last is World.Last. The rooms share their numbers.
func (w *world) Last(string) (kept uint64) {
	natstest.Eventually(w.t, "the state is known", func() bool {
		info, err := w.a.Stream(stream)
		if err == nil {
			kept = info.State.LastSeq
		}
		return err == nil
	})
	return kept
}
