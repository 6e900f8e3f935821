//go:build linux

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

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

func lowerLimit(w *world, chats []*chat) {
	missing(w, chats, func() {
		for _, limit := range []int64{1, 256} {
			w.must(w.limit(limit))
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
		w.must(w.a.Edit(stream, func(c *jetstream.StreamConfig) { c.AllowRollup = true }))
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
	got, err := s.until("end", natstest.Patience)
	if !errors.Is(err, errRemoved) && len(got) < 400 {
		w.t.Errorf("got %d of 400, %v, want all or to be disconnected", len(got), err)
	}
}

// emptyRoom: nothing is missing when the first messages come, however few are kept.
func emptyRoom(w *world, chats []*chat) {
	chats[1].rooms.Say(w.t.Context(), "another", "", &history.Text{})
	s := chats[0].mustJoin("")
	natstest.Eventually(w.t, "what was said before has ended", func() bool {
		held, err := w.Holds("another")
		return w.options.Age == 0 || err == nil && len(held) == 0
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
