//go:build linux

package cluster_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
)

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
		w.t.Errorf("who has seen what was lost got %q, %v, want to be disconnected", got, err)
	}
	for i, c := range chats {
		if s := c.mustJoin(lost); s.missed.Complete {
			w.t.Errorf("process %d: complete after a lost position, missed %q", i, s.ids())
		}
		if s := c.mustJoin(kept); !s.missed.Complete || fmt.Sprint(s.ids()) != "[new0 new1 new2]" {
			w.t.Errorf("process %d: missed %q, complete %v after a kept position, want all",
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
	replicas := []string{info.Cluster.Leader}
	for _, r := range info.Cluster.Replicas {
		replicas = append(replicas, r.Name)
	}
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
		_, err := chats[0].nc.Request("$JS.API.DIRECT.GET."+stream, []byte(`{"seq":1}`),
			300*time.Millisecond)
		return err == nil
	})
	w.a.Settled(stream)
	if w.a.Leader(stream) == number(still.Name) {
		w.must(w.a.StepDown(stream)) // it has got to lead while the others were paused
		natstest.Eventually(w.t, "another leads", func() bool {
			return w.a.Leader(stream) != number(still.Name)
		})
	}
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
