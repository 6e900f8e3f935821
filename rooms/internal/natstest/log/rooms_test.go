package log_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// message learns its position by the hook.
type message struct{ Text, At string }

// process is one process's worth of rooms.
type process struct {
	*rooms.LogRooms[*message]
	errors   chan error
	removals chan error
}

func newProcess(t *testing.T, l rooms.Log) *process {
	p := &process{errors: make(chan error, 10000), removals: make(chan error, 100)}
	p.LogRooms = rooms.NewOnLog(l, &rooms.Options[*message]{
		Backlog:  -1,
		Stamp:    func(m *message, at string) *message { m.At = at; return m },
		OnError:  func(_ string, err error) { p.errors <- err },
		OnRemove: func(_ string, _ any, reason error) { p.removals <- reason },
	})
	return p
}

// reader is a member that reads all.
type reader struct {
	in     chan *message
	missed rooms.Missed[*message]
}

func (p *process) join(t *testing.T, position string) *reader {
	t.Helper()
	r := &reader{in: make(chan *message, 1<<14)}
	m, missed, err := p.JoinAfter("room", position, r.in, make(chan int, 1), nil)
	if err != nil {
		t.Fatalf("JoinAfter(%q) = %v, want no error", position, err)
	}
	t.Cleanup(m.Leave)
	m.Start()
	r.missed = missed
	return r
}

// until returns what is read up to a text.
func (r *reader) until(t *testing.T, last string) (all []message) {
	t.Helper()
	deadline := time.After(natstest.Patience)
	for {
		select {
		case m := <-r.in:
			all = append(all, *m)
			if m.Text == last {
				return all
			}
		case <-deadline:
			t.Fatalf("waited %v in vain for %q, after %d messages", natstest.Patience, last, len(all))
		}
	}
}

// must says something until it is acknowledged, with one id.
func (p *process) must(t *testing.T, text string) (at string) {
	t.Helper()
	natstest.Eventually(t, "the log takes "+text, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		var err error
		at, err = p.Say(ctx, "room", text, &message{Text: text})
		return err == nil
	})
	return at
}

// Contract 11.1, 11.3, 11.5: one order on all machines, for those who were there and
// those who come back to any of them, while NATS is killed, connections are stalled and
// cut.
func TestRooms(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	proxy := proxy.New(t, s)
	near := newProcess(t, newLog(t, s, natsrooms.LogOptions{Count: 10000}))
	behind := natstest.Connect(t, proxy.Address())
	far := newProcess(t, readyLog(t, behind, &natsrooms.LogOptions{Count: 10000}))
	near.must(t, "first")
	readers := []*reader{near.join(t, ""), far.join(t, ""), near.join(t, "")}
	acknowledged := make(map[string]string)
	var mu sync.Mutex
	for round, trouble := range []func(){
		func() {}, proxy.Stall, proxy.GoOn, proxy.Cut, s.Stop, func() { s.Start(t) }, proxy.Cut,
	} {
		trouble()
		var speakers sync.WaitGroup
		for i, p := range []*process{near, far} {
			speakers.Go(func() {
				for n := range 20 {
					text := fmt.Sprint(round, " ", i, " ", n)
					ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
					at, err := p.Say(ctx, "room", text, &message{Text: text})
					cancel()
					if err == nil {
						mu.Lock()
						acknowledged[text] = at
						mu.Unlock()
					}
				}
			})
		}
		speakers.Wait()
	}
	near.must(t, "last but one")
	far.must(t, "last")
	all := readers[0].until(t, "last")
	for _, r := range readers[1:] {
		if other := r.until(t, "last"); !slices.Equal(other, all) {
			t.Errorf("one reader got %d messages, another %d, want the same", len(all), len(other))
		}
	}
	seen := make(map[string]string)
	for _, m := range all {
		if seen[m.Text] != "" {
			t.Errorf("%q comes twice", m.Text)
		}
		seen[m.Text] = m.At
	}
	for text, at := range acknowledged {
		if seen[text] != at {
			t.Errorf("%q was acknowledged at %q and came at %q", text, at, seen[text])
		}
	}
	for _, i := range []int{0, len(all) / 2, len(all) - 1} {
		back := far.join(t, all[i].At)
		if got := len(back.missed.Messages); !back.missed.Complete || got != len(all)-1-i {
			t.Errorf("after message %d missed %d, complete %v, want the other %d, complete",
				i, got, back.missed.Complete, len(all)-1-i)
		}
	}
	if len(near.removals)+len(far.removals) > 0 {
		t.Errorf("%d members were removed, want none", len(near.removals)+len(far.removals))
	}
}

// Contract 11.5: a stream in memory is gone with a restart. Whoever was there is removed
// and told so when it comes back; nobody goes on as if nothing had happened.
func TestRoomsLost(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	p := newProcess(t, newLog(t, s, natsrooms.LogOptions{Memory: true}))
	p.join(t, "")
	position := p.must(t, "old")
	s.Stop()
	s.Start(t)
	select {
	case reason := <-p.removals:
		if reason != rooms.ErrGap {
			t.Errorf("removed with %v, want %v", reason, rooms.ErrGap)
		}
	case <-time.After(natstest.Patience):
		t.Fatal("the member is not removed")
	}
	told := false
	for len(p.errors) > 0 {
		told = errors.Is(<-p.errors, natsrooms.ErrRemade) || told
	}
	if !told {
		t.Errorf("OnError was not told %v", natsrooms.ErrRemade)
	}
	p.must(t, "new")
	back := p.join(t, position)
	all := back.missed.Messages
	if back.missed.Complete || len(all) != 1 || all[0].Value.Text != "new" {
		t.Errorf("missed %+v, want new, not complete", back.missed)
	}
	p.must(t, "newer")
	if got := back.until(t, "newer"); len(got) != 1 {
		t.Errorf("got %v, want newer", got)
	}
}

// Contract 11.5: the same when the stream is deleted while the connection holds, and
// nobody says anything.
func TestStreamDeleted(t *testing.T) {
	t.Parallel()
	s := startNATS(t)
	p := newProcess(t, newLog(t, s, natsrooms.LogOptions{}))
	p.join(t, "")
	p.must(t, "old")
	js, err := jetstream.New(s.Connect(t))
	if err == nil {
		err = js.DeleteStream(t.Context(), "ROOMS")
	}
	if err != nil {
		t.Fatalf("DeleteStream = %v, want no error", err)
	}
	select {
	case reason := <-p.removals:
		if reason != rooms.ErrGap {
			t.Errorf("removed with %v, want %v", reason, rooms.ErrGap)
		}
	case <-time.After(natstest.Patience):
		t.Fatal("the member is not removed")
	}
}
