//go:build linux

package failover_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/redistest"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// end is the last thing that is said.
const end = "the end"

// process is one process's worth of rooms on a log, with a member in "room" that reads
// and a speaker. The member comes back when it was removed.
type process struct {
	*rooms.LogRooms[*history.Text]
	id       int
	done     chan struct{} // closed when the member has read the end
	speaking sync.WaitGroup

	mu      sync.Mutex // protects the fields below
	visits  []*visit
	said    map[string]error // by id
	removed []error          // why
}

// visit is one membership: the ids that it was given, oldest first.
type visit struct {
	process  int
	after    string // the id after which it came
	complete bool
	got      []string
}

func newProcess(t *testing.T, id int, c redis.UniversalClient) *process {
	t.Helper()
	l := redisrooms.NewLog(c, &redisrooms.LogOptions{Count: -1})
	t.Cleanup(l.Close)
	p := &process{id: id, said: make(map[string]error), done: make(chan struct{})}
	p.LogRooms = rooms.NewOnLog(l, &rooms.Options[*history.Text]{
		Stamp:   func(m *history.Text, at string) *history.Text { m.At = at; return m },
		Backlog: 100_000, BacklogBytes: -1,
		OnRemove: func(_ string, _ any, reason error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.removed = append(p.removed, reason)
		},
	})
	go p.read() // ends with the end
	return p
}

func (p *process) read() {
	position, last := "", ""
	for last != end {
		in, disconnect := make(chan *history.Text, 1000), make(chan int, 1)
		m, missed, err := p.JoinAfter("room", position, in, disconnect, nil)
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		v := p.visit(last, missed.Complete)
		for _, said := range missed.Messages {
			last = p.got(v, said.Value.ID)
		}
		position = missed.Position
		m.Start()
		for gone := false; !gone && last != end; {
			select {
			case text := <-in:
				position, last = text.At, p.got(v, text.ID)
			case <-disconnect:
				gone = true
			}
		}
		m.Leave()
	}
	close(p.done)
}

func (p *process) visit(after string, complete bool) *visit {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := &visit{process: p.id, after: after, complete: complete}
	p.visits = append(p.visits, v)
	return v
}

func (p *process) got(v *visit, id string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	v.got = append(v.got, id)
	return id
}

// speak says things until quiet is closed.
func (p *process) speak(quiet <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-quiet:
			return
		case <-time.After(time.Millisecond):
			p.say(fmt.Sprintf("%d.%d", p.id, i))
		}
	}
}

func (p *process) say(id string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_, err := p.Say(ctx, "room", id, &history.Text{ID: id})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said[id] = err
	return err
}

func (p *process) acknowledged() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, err := range p.said {
		if err == nil {
			n++
		}
	}
	return n
}

// Contract 10.15: a failover to a replica that lags, under load. The servers lose what
// they have acknowledged; nobody misses something without a word.
func TestFailover(t *testing.T) {
	t.Parallel()
	s := redistest.NewSentinel(t)
	quiet := make(chan struct{})
	var all []*process
	for i := range 3 {
		p := newProcess(t, i, s.Connect(t))
		p.speaking.Go(func() { p.speak(quiet) })
		all = append(all, p)
	}
	more := func(n int) {
		t.Helper()
		for _, p := range all {
			before := p.acknowledged()
			redistest.Eventually(t, fmt.Sprintf("process %d says more", p.id), func() bool {
				return p.acknowledged() >= before+n
			})
		}
	}
	more(20)
	s.Between.Stall()
	more(20) // the replica does not get these
	s.Master.Kill()
	s.Promoted(t)
	more(20)
	close(quiet)
	for _, p := range all {
		p.speaking.Wait()
	}
	redistest.Eventually(t, "the end is said", func() bool { return all[0].say(end) == nil })
	for _, p := range all {
		select {
		case <-p.done:
		case <-time.After(redistest.Patience):
			t.Errorf("process %d has not read the end", p.id)
		}
	}
	checkFailover(t, all, kept(t, s))
}

// kept returns what the log has, by a client of its own.
func kept(t *testing.T, s *redistest.Sentinel) (ids []string) {
	t.Helper()
	c := rooms.NewOnLog(newLog(t, s.Connect(t)), &rooms.Options[*history.Text]{
		Backlog: 100_000, BacklogBytes: -1})
	_, missed, err := c.JoinAfter("room", "", make(chan *history.Text, 1), make(chan int, 1), nil)
	if err != nil {
		t.Fatalf("JoinAfter = %v, want no error", err)
	}
	for _, said := range missed.Messages {
		ids = append(ids, said.Value.ID)
	}
	return ids
}

func newLog(t *testing.T, c redis.UniversalClient) *redisrooms.Log {
	t.Helper()
	l := redisrooms.NewLog(c, &redisrooms.LogOptions{Count: -1, Wait: redistest.Patience / 2})
	t.Cleanup(l.Close)
	return l
}

func checkFailover(t *testing.T, all []*process, kept []string) {
	t.Helper()
	place := make(map[string]int)
	for i, id := range kept {
		if _, twice := place[id]; twice {
			t.Errorf("%s is in the log twice", id)
		}
		place[id] = i
	}
	lost, removed := 0, 0
	for _, p := range all {
		for id, err := range p.said {
			_, there := place[id]
			switch {
			case err == nil && !there:
				lost++
			case err != nil && !errors.Is(err, rooms.ErrUncertain) && there:
				t.Errorf("%s is in the log, though Say returned %v", id, err)
			}
		}
		for _, v := range p.visits {
			if fault := v.fault(place); fault != "" {
				t.Errorf("process %d, after %q: %s; it got %q", p.id, v.after, fault, v.got)
			}
		}
		for _, reason := range p.removed {
			if errors.Is(reason, rooms.ErrGap) {
				removed++
			}
		}
	}
	if lost == 0 || removed == 0 {
		t.Errorf("%d acknowledged entries lost, %d members removed, want some of both", lost, removed)
	}
	t.Logf("%d in the log, %d acknowledged and lost, %d members removed", len(kept), lost, removed)
}

// fault returns what a visit should not have been given, "" if nothing: in one visit come
// entries that are in the log, all that are between the first and the last; or, after
// these, such that were lost, and then nothing else.
func (v *visit) fault(place map[string]int) string {
	_, known := place[v.after]
	got := v.got
	if v.complete && known {
		got = slices.Insert(slices.Clone(got), 0, v.after)
	} else if v.complete && v.after != "" {
		return "complete after what was lost"
	}
	for i, id := range got {
		at, there := place[id]
		if i == 0 {
			continue
		}
		before, beforeThere := place[got[i-1]]
		switch {
		case there && !beforeThere:
			return fmt.Sprintf("%s after %s, which was lost", id, got[i-1])
		case there && at != before+1:
			return fmt.Sprintf("%s after %s, and not what is between", id, got[i-1])
		}
	}
	return ""
}
