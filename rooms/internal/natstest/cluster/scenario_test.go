//go:build linux

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

// busy is how much later than it should something may come on a busy machine.
const busy = 3 * time.Second

// scenarios are the faults that histories on a cluster have found, each put together by
// hand. Each has a cluster of its own.
var scenarios = []struct {
	name    string
	size    int // of the cluster; default: 3
	options logOptions
	run     func(w *world, chats []*chat)
}{
	{name: "a clock goes ahead", run: clockAhead},
	{name: "clocks differ when the leader changes", run: clocksDiffer},
	{name: "all is set back", run: setBack},
	{name: "a position from elsewhere", run: positionFromElsewhere},
	{name: "no quorum", run: noQuorum},
	{name: "one server stands still", size: 5, run: oneStandsStill},
	{name: "the same id at the same time", run: sameID},
	{name: "said just after a join", run: justAfterJoin},
	{name: "a lower limit for a while", run: lowerLimit},
	{name: "a purge", run: purge},
	{name: "a message that ends by itself", run: messageTTL},
	{name: "a rollup", run: rollup},
	{name: "an empty room of few messages", options: logOptions{Count: 1}, run: emptyRoom},
	{name: "an empty room of a short age", options: logOptions{Age: time.Second}, run: emptyRoom},
	{name: "the stream is full", options: logOptions{Bytes: 64 << 10}, run: full},
	{name: "more missed than a page, and dropped", options: logOptions{Count: 300}, run: manyMissed},
}

// Contract 11.2, 11.3, 11.5: on three servers with three replicas.
func TestScenarios(t *testing.T) {
	t.Parallel()
	for _, test := range scenarios {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := test.options
			o.Replicas = 3
			w := newWorld(t, max(test.size, 3), o)
			chats := w.chats(3)
			w.a.Settled(stream)
			test.run(w, chats)
		})
	}
}

// shown checks that what was acknowledged comes to a member.
func shown(w *world, chats []*chat, id string) {
	w.t.Helper()
	s := chats[1].mustJoin("")
	chats[0].mustSay(id)
	s.want(natstest.Patience, id)
}

func clockAhead(w *world, chats []*chat) {
	w.c.Servers[w.a.Leader(stream)].Clock(w.t, 3*time.Second)
	shown(w, chats, "said")
}

func clocksDiffer(w *world, chats []*chat) {
	leader := w.a.Leader(stream)
	for i, s := range w.c.Servers {
		if i != leader {
			s.Clock(w.t, time.Hour)
		}
	}
	natstest.Eventually(w.t, "another leads", func() bool {
		w.a.StepDown(stream)
		return w.a.Leader(stream) != leader
	})
	shown(w, chats, "said")
}

// setBackNow says something, which members see, sets all back to before it, and returns
// its position.
func setBackNow(w *world, chats []*chat, members ...*seat) (kept, lost string) {
	w.t.Helper()
	kept = chats[0].mustSay("kept")
	w.Lose(nil)
	lost = chats[0].mustSay("lost")
	for _, s := range members {
		s.want(natstest.Patience, "kept", "lost")
	}
	w.Lose(nil)
	return kept, lost
}

// setBack: the log has the number again that a member has seen last, and more.
func setBack(w *world, chats []*chat) {
	s := chats[1].mustJoin("")
	kept, lost := setBackNow(w, chats, s)
	for i := range 3 {
		chats[0].mustSay(fmt.Sprint("new", i))
	}
	if got, err := s.until("new2", natstest.Patience); !errors.Is(err, errRemoved) {
		w.t.Errorf("a member that has seen what was lost got %q, %v, want it disconnected", got, err)
	}
	for i, c := range chats {
		if s := c.mustJoin(lost); s.missed.Complete {
			w.t.Errorf("process %d: complete after a lost position, missed %q", i, s.ids())
		}
		if s := c.mustJoin(kept); !s.missed.Complete || fmt.Sprint(s.ids()) != "[new0 new1 new2]" {
			w.t.Errorf("process %d: missed %q, complete %v after a kept position, want all, complete",
				i, s.ids(), s.missed.Complete)
		}
	}
}

func positionFromElsewhere(w *world, chats []*chat) {
	chats[0].mustSay("here")
	for _, after := range []string{"zz-1", "zzzzzzz-zzz", "1-1", "zzz"} {
		begun := time.Now()
		s, err := chats[1].join(after)
		if took := time.Since(begun); err != nil || took > busy || s.missed.Complete {
			w.t.Errorf("JoinAfter %q = %v after %v, complete %v, want what there is, soon",
				after, err, took, s.missed.Complete)
		}
	}
}

// noQuorum: two of three stand still, with the leader, and JetStream does not answer.
func noQuorum(w *world, chats []*chat) {
	at := chats[0].mustSay("before")
	c := chats[2]
	lives := (w.a.Leader(stream) + 1) % 3
	w.stay(c.process, lives)
	chats[0].mustSay("more")
	for i, s := range w.c.Servers {
		if i != lives {
			s.Pause()
		}
	}
	var joins sync.WaitGroup
	for range 6 {
		joins.Go(func() {
			begun := time.Now()
			_, err := c.join(at)
			if took := time.Since(begun); took > 5*time.Second+busy {
				w.t.Errorf("JoinAfter = %v after %v, want 5s at most", err, took)
			}
		})
	}
	joins.Wait()
}

// oneStandsStill: a replica of the stream, which is not the leader. Reads go to any.
func oneStandsStill(w *world, chats []*chat) {
	at := chats[0].mustSay("before")
	info, err := w.a.Stream(stream)
	w.must(err)
	chats[0].mustSay("more")
	replicas := []string{info.Cluster.Leader, info.Cluster.Replicas[0].Name, info.Cluster.Replicas[1].Name}
	for i, s := range w.c.Servers {
		if !slices.Contains(replicas, s.Name) {
			w.stay(chats[0].process, i)
		}
	}
	still := w.c.Servers[number(replicas[1])]
	natstest.Eventually(w.t, "the follower answers", func() bool {
		for _, other := range []string{replicas[0], replicas[2]} {
			w.c.Servers[number(other)].Pause()
			defer w.c.Servers[number(other)].Resume()
		}
		_, err := chats[0].nc.Request("$JS.API.DIRECT.GET."+stream, []byte(`{"seq":1}`), 300*time.Millisecond)
		return err == nil
	})
	still.Pause()
	for range 20 {
		begun := time.Now()
		s, err := chats[0].join(at)
		if took := time.Since(begun); err != nil || took > busy || !s.missed.Complete {
			w.t.Fatalf("JoinAfter = %v after %v, complete %v, want complete, soon",
				err, took, s.missed.Complete)
		}
		s.member.Leave()
	}
}

func number(server string) int { return int(server[1] - '0') }

func sameID(w *world, chats []*chat) {
	s := chats[0].mustJoin("")
	for i := range len(w.c.Servers) {
		for _, p := range w.c.Between(i, (i+1)%len(w.c.Servers)) {
			p.Slow(100 * time.Millisecond)
		}
	}
	for n := range 2 {
		id := fmt.Sprint("same", n)
		errs := make([]error, 6)
		var calls sync.WaitGroup
		for i := range errs {
			calls.Go(func() {
				time.Sleep(time.Duration(i) * 20 * time.Millisecond)
				_, errs[i] = chats[i%len(chats)].say(id, 5*time.Second)
			})
		}
		calls.Wait()
		s.want(natstest.Patience, id)
		for _, err := range errs {
			if err != nil && !errors.Is(err, rooms.ErrUncertain) {
				w.t.Errorf("Say = %v for certain, and everybody got the message", err)
			}
		}
	}
}

// justAfterJoin: the leader's server hears late that there is a member, because much else
// goes there, and not on the way of JetStream's API.
func justAfterJoin(w *world, chats []*chat) {
	leader := w.a.Leader(stream)
	far := (leader + 1) % 3
	w.stay(chats[0].process, leader)
	w.stay(chats[1].process, far)
	sub, err := chats[0].nc.SubscribeSync("flood")
	w.must(err)
	w.must(sub.SetPendingLimits(-1, -1))
	w.must(chats[0].nc.Flush())
	for _, p := range w.c.Between(leader, far) {
		p.Slow(2 * time.Millisecond) // each 4 KiB
	}
	for n := range 4 {
		for range 64 {
			w.must(chats[1].nc.Publish("flood", make([]byte, 32<<10)))
		}
		s := chats[1].mustJoin("")
		id := fmt.Sprint("said", n)
		chats[0].mustSay(id)
		s.want(busy, id) // and not with the next sweep, five seconds later
		s.member.Leave()
	}
}

// missing says three messages, which a process that is cut off has not heard, and has the
// log drop some of them. Nobody gets "complete", or goes on, without one of the three.
func missing(w *world, chats []*chat, change func()) {
	w.t.Helper()
	before := chats[0].mustSay("before")
	away := chats[1].mustJoin(before)
	for _, way := range chats[1].ways {
		way.Refuse(true)
	}
	for i := range 3 {
		chats[0].mustSay(fmt.Sprint("m", i))
	}
	change()
	for _, way := range chats[1].ways {
		way.Refuse(false)
	}
	last := chats[0].mustSay("last")
	if got, err := away.until("last", natstest.Patience); err != errRemoved && len(got) != 3 {
		w.t.Errorf("who was away got %q, %v, want all four or to be disconnected", got, err)
	}
	for i, c := range chats {
		s := c.mustJoin(before)
		if all := fmt.Sprint(s.ids()); s.missed.Complete && all != "[m0 m1 m2 last]" {
			w.t.Errorf("process %d: complete with %s only", i, all)
		}
		if s := c.mustJoin(last); !s.missed.Complete {
			w.t.Errorf("process %d: not complete after the last position", i)
		}
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("error %v, want none", err)
	}
}

func lowerLimit(w *world, chats []*chat) {
	missing(w, chats, func() {
		for _, limit := range []int64{1, 256} {
			w.must(w.a.Edit(stream, func(c *jetstream.StreamConfig) { c.MaxMsgsPerSubject = limit }))
		}
	})
}

func purge(w *world, chats []*chat) {
	missing(w, chats, func() { w.must(w.a.Purge(stream, subject("lobby"))) })
}

// messageTTL: one in the middle ends by itself, as who publishes to the stream may say.
func messageTTL(w *world, chats []*chat) {
	missing(w, chats, func() {
		s, err := w.a.JetStream().Stream(w.t.Context(), stream)
		w.must(err)
		msg, err := s.GetMsg(w.t.Context(), s.CachedInfo().State.LastSeq-1)
		w.must(err)
		w.must(s.DeleteMsg(w.t.Context(), msg.Sequence)) // what the end of its time does
	})
}

func rollup(w *world, chats []*chat) {
	missing(w, chats, func() {
		w.must(w.a.Edit(stream, func(c *jetstream.StreamConfig) { c.AllowRollup, c.DenyPurge = true, false }))
		w.must(w.a.Rollup(subject("lobby")))
	})
}

// manyMissed: a member's process is cut off while more is said than a page has, and more
// than is kept.
func manyMissed(w *world, chats []*chat) {
	s := chats[1].mustJoin("")
	chats[0].mustSay("first")
	s.want(natstest.Patience, "first")
	for _, way := range chats[1].ways {
		way.Refuse(true)
	}
	for i := range 400 {
		chats[0].mustSay(fmt.Sprint("m", i))
	}
	for _, way := range chats[1].ways {
		way.Refuse(false)
	}
	chats[0].mustSay("end")
	if got, err := s.until("end", natstest.Patience); !errors.Is(err, errRemoved) && len(got) < 400 {
		w.t.Errorf("got %d of 400, %v, want all or to be disconnected", len(got), err)
	}
}

// emptyRoom: nothing is missing when the first messages come, however few are kept.
func emptyRoom(w *world, chats []*chat) {
	chats[1].rooms.Say(w.t.Context(), "another", "", &history.Text{})
	s := chats[0].mustJoin("")
	natstest.Eventually(w.t, "what was said before has ended", func() bool {
		return w.options.Age == 0 || len(w.Holds("another")) == 0
	})
	for i := range 5 {
		id := fmt.Sprint("m", i)
		chats[1].mustSay(id)
		if _, err := s.until(id, natstest.Patience); err != nil {
			w.t.Fatalf("%s: %v, want it to come", id, err)
		}
	}
}

// full: the oldest are dropped, which a process has not seen that was away.
func full(w *world, chats []*chat) {
	missing(w, chats, func() {
		for i := range 20 {
			id := fmt.Sprint(i, strings.Repeat(" large", 1000))
			ctx, cancel := context.WithTimeout(w.t.Context(), natstest.Patience)
			_, err := chats[2].rooms.Say(ctx, "another", id, &history.Text{ID: id})
			cancel()
			w.must(err)
		}
	})
}
