//go:build linux

package cluster_test

import (
	"testing"
	"time"

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
	{name: "more missed than is kept", options: logOptions{Count: 300}, run: manyMissed},
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

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("error %v, want none", err)
	}
}
