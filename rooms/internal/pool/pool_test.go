package pool

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// room notes what it is told. Messages are texts "key rest".
type room struct {
	mu   sync.Mutex
	told []string
	gate chan struct{} // if not nil, each call waits for it
}

func (r *room) Receive(m string) { r.note(m) }

func (r *room) Lose(loss error) { r.note(fmt.Sprint(loss)) }

func (r *room) note(what string) {
	if r.gate != nil {
		<-r.gate
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, what)
}

// want compares what the room was told since the last want.
func (r *room) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.told, want) {
		t.Errorf("told %q, want %q", r.told, want)
	}
	r.told = nil
}

func newPool(pending int) *Pool[string, *room] {
	return New(Config[string, *room]{
		Key:     func(m string) string { key, _, _ := strings.Cut(m, " "); return key },
		Pending: pending,
		Slow:    func(n int) error { return fmt.Errorf("%d dropped", n) },
	})
}

func enter(t *testing.T, p *Pool[string, *room], key string) *room {
	t.Helper()
	r := &room{}
	if err := p.Enter(key, r); err != nil {
		t.Fatalf("Enter(%q) = %v, want no error", key, err)
	}
	if err := p.Subscribed(key); err != nil {
		t.Fatalf("Subscribed(%q) = %v, want no error", key, err)
	}
	return r
}

func ignore(*room) {}

var errA, errB = errors.New("a"), errors.New("b")

func TestReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(10)
		a, b := enter(t, p, "a"), enter(t, p, "b")
		p.Push("a 1")
		p.Push("b 1")
		p.Queue("a") <- "a 2"
		p.Push("nobody 1")
		a.want(t, "a 1", "a 2")
		b.want(t, "b 1")
		if err := p.Enter("a", &room{}); err != ErrEntered {
			t.Errorf("Enter again = %v, want %v", err, ErrEntered)
		}
		if r, ok := p.Leave("a"); !ok || r != a {
			t.Errorf("Leave = %v, %v, want the room", r, ok)
		}
		if _, ok := p.Leave("a"); ok {
			t.Error("Leave again = true, want false")
		}
		p.Push("a 3")
		a.want(t)
		enter(t, p, "a").want(t)
		p.Close(ignore)
	})
}

// What is owed is told once, and looking hides no loss.
func TestOwe(t *testing.T) {
	tests := []struct {
		name string
		owe  []error
		want []string
	}{
		{name: "look", owe: []error{nil, nil}, want: []string{"<nil>"}},
		{name: "a loss", owe: []error{errA}, want: []string{"a"}},
		{name: "a loss, then look", owe: []error{errA, nil}, want: []string{"a"}},
		{name: "look, then a loss", owe: []error{nil, errA}, want: []string{"a"}},
		{name: "two losses", owe: []error{errA, errB}, want: []string{"b"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPool(10)
				defer p.Close(ignore)
				other := enter(t, p, "other")
				r := &room{}
				if err := p.Enter("a", r); err != nil {
					t.Fatalf("Enter = %v, want no error", err)
				}
				for _, loss := range test.owe {
					p.Owe("a", loss)
				}
				r.want(t) // it is not subscribed
				p.Subscribed("a")
				r.want(t, test.want...)
				other.want(t)
				p.OweAll(errA)
				r.want(t, "a")
				other.want(t, "a")
			})
		})
	}
}

// A room that has left meanwhile is not called, and one that took its key is not told
// what the other was owed.
func TestOweAndLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(10)
		a, gate := enter(t, p, "a"), make(chan struct{})
		a.gate = gate
		p.Push("a 1")
		synctest.Wait() // its worker is in the call
		p.Owe("a", errA)
		p.Push("a 2")
		p.Leave("a")
		again := &room{}
		p.Enter("a", again)
		p.Subscribed("a")
		close(gate)
		a.want(t, "a 1")
		again.want(t, "a 2")
		p.Close(ignore)
	})
}

// What does not fit is counted and told, completely.
func TestPushDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(2)
		a, gate := enter(t, p, "a"), make(chan struct{})
		a.gate = gate
		p.Push("a 1")
		synctest.Wait()
		for i := range 5 {
			p.Push(fmt.Sprint("a ", i+2))
		}
		close(gate)
		synctest.Wait()
		slices.Sort(a.told) // the loss may come before what waited
		a.want(t, "3 dropped", "a 1", "a 2", "a 3")
		p.Close(ignore)
	})
}

// What a client drops is told soon.
func TestDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(2)
		dropped := 0
		p.config.Dropped = func(*room) int { return dropped }
		a, gate := enter(t, p, "a"), make(chan struct{})
		a.gate = gate
		p.Queue("a") <- "a 1"
		synctest.Wait()
		p.Queue("a") <- "a 2"
		p.Queue("a") <- "a 3"
		dropped = 4
		close(gate)
		a.want(t, "a 1", "a 2", "4 dropped", "a 3")
		p.Close(ignore)
	})
}

// All rooms have their turn, however few are swept at a time.
func TestSweepGoesRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(10)
		var rooms []*room
		for i := range 30 {
			rooms = append(rooms, enter(t, p, fmt.Sprint(i)))
		}
		for range 30 * 30 * len(p.workers) {
			p.Sweep(1)
			synctest.Wait()
		}
		for i, r := range rooms {
			if n := len(r.told); n < 2 {
				t.Errorf("room %d was swept %d times, want at least twice", i, n)
			}
		}
		p.Close(ignore)
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(10)
		a := enter(t, p, "a")
		p.Enter("b", &room{})
		var ended []*room
		p.Close(func(r *room) { ended = append(ended, r) })
		p.Close(func(*room) { t.Error("ended again") })
		if !slices.Equal(ended, []*room{a}) {
			t.Errorf("ended %v, want the subscribed room", ended)
		}
		if err := p.Subscribed("b"); err != ErrClosed {
			t.Errorf("Subscribed after Close = %v, want %v", err, ErrClosed)
		}
		if err := p.Enter("c", &room{}); err != ErrClosed {
			t.Errorf("Enter after Close = %v, want %v", err, ErrClosed)
		}
		p.OweAll(errA)
		p.Sweep(10)
		a.want(t)
		time.Sleep(time.Hour) // no goroutine is left: the bubble ends
	})
}
