package pool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// room notes what it is told. Messages are texts "key rest".
type room struct {
	mu   sync.Mutex
	told []string
	gate chan struct{} // if not nil, each call waits for it

	ended bool // unsubscribed
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

var marks atomic.Int64

func newPool(pending int) *Pool[string, *room] {
	return New(Config[string, *room]{
		Key:     func(m string) string { key, _, _ := strings.Cut(m, " "); return key },
		Mark:    func(key string) string { return fmt.Sprint(key, " mark ", marks.Add(1)) },
		IsMark:  func(m string) bool { return strings.Contains(m, " mark ") },
		Pending: pending,
		Slow:    func(n int) error { return fmt.Errorf("%d dropped", n) },

		Subscribe:   func(string, *room) (bool, error) { return true, nil },
		Unsubscribe: func(_ string, r *room) error { r.ended = true; return nil },
		Closed:      errClosed,
		Unanswered:  errUnanswered,
	})
}

func enter(t *testing.T, p *Pool[string, *room], key string) *room {
	t.Helper()
	r := &room{}
	if err := p.Subscribe(key, r); err != nil {
		t.Fatalf("Subscribe(%q) = %v, want no error", key, err)
	}
	synctest.Wait() // for the mark
	return r
}

// enterBusy enters a room and returns when its worker is in the call with message 1,
// until gate is closed.
func enterBusy(t *testing.T, p *Pool[string, *room], key string) (r *room, gate chan struct{}) {
	t.Helper()
	r, gate = enter(t, p, key), make(chan struct{})
	r.gate = gate
	p.Push(key + " 1")
	synctest.Wait()
	return r, gate
}

var (
	errA, errB    = errors.New("a"), errors.New("b")
	errClosed     = errors.New("closed")
	errUnanswered = errors.New("unanswered")
)

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
		again := &room{}
		if err := p.Subscribe("a", again); err != errShared {
			t.Errorf("Subscribe again = %v, want %v", err, errShared)
		}
		for range 2 {
			if err := p.Unsubscribe("a"); err != nil || !a.ended || again.ended {
				t.Errorf("Unsubscribe = %v, ended %v and %v, want the room", err, a.ended, again.ended)
			}
		}
		p.Push("a 3")
		a.want(t)
		subscribe := p.config.Subscribe
		p.config.Subscribe = func(string, *room) (bool, error) { return false, errA }
		if err := p.Subscribe("a", again); err != errA || again.ended {
			t.Errorf("Subscribe = %v, ended %v, want %v: there is nothing to end", err,
				again.ended, errA)
		}
		p.config.Subscribe = subscribe
		enter(t, p, "a").want(t)
		p.Close()
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
				defer p.Close()
				other := enter(t, p, "other")
				r := &room{}
				p.config.Subscribe = func(string, *room) (bool, error) {
					for _, loss := range test.owe {
						p.Owe("a", loss)
					}
					r.want(t) // it is not subscribed
					return true, nil
				}
				if err := p.Subscribe("a", r); err != nil {
					t.Fatalf("Subscribe = %v, want no error", err)
				}
				r.want(t, test.want...)
				other.want(t)
				p.OweAll(errA)
				r.want(t, "a")
				other.want(t, "a")
				p.OweAll(nil) // what was told is not owed any more
				r.want(t, "<nil>")
				other.want(t, "<nil>")
			})
		})
	}
}

// A room that has left meanwhile is not called, and one that took its key gets nothing
// that came before it was subscribed, and is not told what the other was owed.
func TestOweAndLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(10)
		a, gate := enterBusy(t, p, "a")
		p.Owe("a", errA)
		p.Push("a 2")
		p.Unsubscribe("a")
		p.config.Subscribe = func(string, *room) (bool, error) {
			p.Push("a 3")
			return true, nil
		}
		again := enter(t, p, "a")
		p.Push("a 4")
		close(gate)
		a.want(t, "a 1")
		again.want(t, "a 4")
		p.Close()
	})
}

// If so much waits that there is no place for a mark, what is old cannot be told from
// what is new.
func TestNoPlaceForMark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(2)
		a, gate := enterBusy(t, p, "a")
		p.Unsubscribe("a")
		p.Push("a 2")
		p.Push("a 3")
		again := enter(t, p, "a")
		close(gate)
		a.want(t, "a 1")
		again.want(t, "a 2", "a 3")
		p.Close()
	})
}

// A mark is no message, not even for a later room that has none.
func TestMarkOfARoomThatLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(2)
		a, gate := enterBusy(t, p, "a")
		for range 2 { // both marks fit
			p.Unsubscribe("a")
			enter(t, p, "a")
		}
		p.Unsubscribe("a")
		again := enter(t, p, "a")
		close(gate)
		a.want(t, "a 1")
		again.want(t)
		p.Push("a 2")
		again.want(t, "a 2")
		p.Close()
	})
}

// A room that was owed something when the pool was closed is not called. The worker finds
// both, and takes either.
func TestOweAndClose(t *testing.T) {
	for range 30 {
		synctest.Test(t, func(t *testing.T) {
			p := newPool(10)
			a, gate := enterBusy(t, p, "a")
			p.Owe("a", errA)
			go p.Close()
			synctest.Wait()
			close(gate)
			a.want(t, "a 1")
		})
	}
}

// What does not fit is counted and told, completely.
func TestPushDrops(t *testing.T) {
	for _, dropped := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			p := newPool(2)
			a, gate := enterBusy(t, p, "a")
			for i := range 2 + dropped {
				p.Push(fmt.Sprint("a ", i+2))
			}
			close(gate)
			synctest.Wait()
			slices.Sort(a.told) // the loss may come before what waited
			a.want(t, fmt.Sprint(dropped, " dropped"), "a 1", "a 2", "a 3")
			p.Close()
		})
	}
}

// What is dropped before the network has answered is told after that. What was not
// dropped is from before as well, and is not passed on.
func TestPushDropsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1)
		_, gate := enterBusy(t, p, "busy")
		key := "a"
		for p.worker(key) != p.worker("busy") {
			key += "a"
		}
		a := &room{}
		p.config.Subscribe = func(string, *room) (bool, error) {
			for range 3 {
				p.Push(key + " x")
			}
			close(gate)
			a.want(t)
			if got := p.All(); len(got) != 1 {
				t.Errorf("the pool has %d rooms before a is subscribed, want the busy one", len(got))
			}
			return true, nil
		}
		if err := p.Subscribe(key, a); err != nil {
			t.Errorf("Subscribe = %v, want no error", err)
		}
		a.want(t, "2 dropped")
		p.Close()
	})
}

// What a room was told it is not told again with what it is owed next.
func TestOwedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1)
		a, gate := enterBusy(t, p, "a")
		p.Owe("a", errA)
		p.Push("a 2")
		p.Push("a 3")
		close(gate)
		synctest.Wait()
		slices.Sort(a.told) // what is owed may come before what waited
		a.want(t, "1 dropped", "a", "a 1", "a 2")
		p.Owe("a", nil)
		a.want(t, "<nil>")
		gate = make(chan struct{})
		a.gate = gate
		p.Push("a 4")
		synctest.Wait()
		p.Push("a 5")
		p.Push("a 6")
		close(gate)
		synctest.Wait()
		slices.Sort(a.told)
		a.want(t, "1 dropped", "a 4", "a 5")
		p.Close()
	})
}

// What a client drops is told soon, and once.
func TestDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(2)
		dropped := 0
		p.config.Dropped = func(*room) int { return dropped }
		a := enter(t, p, "a")
		for _, burst := range []struct {
			dropped int
			want    []string
		}{
			{4, []string{"a 1", "a 2", "4 dropped", "a 3"}},
			{6, []string{"a 1", "a 2", "2 dropped", "a 3"}},
			{6, []string{"a 1", "a 2", "a 3"}},
		} {
			gate := make(chan struct{})
			a.gate = gate
			p.Queue("a") <- "a 1"
			synctest.Wait()
			p.Queue("a") <- "a 2"
			p.Queue("a") <- "a 3"
			dropped = burst.dropped
			close(gate)
			a.want(t, burst.want...)
		}
		p.Close()
	})
}

// Sleep ends early with the pool or the context, and says which.
func TestSleep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(1)
		ctx, cancel := context.WithCancel(t.Context())
		for _, test := range []struct {
			name string
			end  func()
			want error
		}{
			{"the time", func() {}, nil},
			{"the context", cancel, context.Canceled},
			{"the pool", p.Close, errClosed},
		} {
			if test.want == errClosed {
				ctx = t.Context()
			}
			time.AfterFunc(time.Second, test.end)
			if err := p.Sleep(ctx, time.Minute); err != test.want {
				t.Errorf("%s: Sleep = %v, want %v", test.name, err, test.want)
			}
		}
	})
}

// Asking the client takes time for each room, so a queue that stays full does not make
// the worker ask at each message.
func TestDroppedIsAskedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pending, messages = 10, 1000
		p := newPool(pending)
		a, gate := enter(t, p, "a"), make(chan struct{})
		a.gate = gate
		asked, more, key := 0, messages, p.config.Key
		p.config.Dropped = func(*room) int { asked++; return 0 }
		p.config.Key = func(m string) string { // the worker has taken one
			if more > 0 {
				more--
				p.Queue("a") <- m
			}
			return key(m)
		}
		for range pending {
			p.Queue("a") <- "a"
			synctest.Wait()
		}
		close(gate)
		synctest.Wait()
		if most := messages/pending + 2; asked == 0 || asked > most {
			t.Errorf("asked %d times, want at most %d", asked, most)
		}
		p.Close()
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
		p.Close()
	})
}

// So many rooms are swept, also if they all belong to one worker.
func TestSweepOfOneWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(10)
		var rooms []*room
		for i := 0; len(rooms) < 10; i++ {
			if key := fmt.Sprint(i); p.worker(key) == p.workers[0] {
				rooms = append(rooms, enter(t, p, key))
			}
		}
		p.Sweep(len(rooms))
		for _, r := range rooms {
			r.want(t, "<nil>")
		}
		p.Close()
	})
}

func TestClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPool(10)
		a, b := enter(t, p, "a"), &room{}
		p.config.Subscribe = func(string, *room) (bool, error) {
			p.Close()
			if b.ended {
				t.Error("Close unsubscribed a room that was not subscribed yet")
			}
			return true, nil
		}
		if err := p.Subscribe("b", b); err != errClosed || !a.ended || !b.ended {
			t.Errorf("Subscribe beside Close = %v, unsubscribed %v, %v, want %v, both", err,
				a.ended, b.ended, errClosed)
		}
		a.ended = false
		p.Close()
		if a.ended {
			t.Error("the second Close unsubscribed a room again")
		}
		if err := p.Subscribe("c", &room{}); err != errClosed || p.Err() != errClosed {
			t.Errorf("Subscribe after Close = %v, Err = %v, want %v", err, p.Err(), errClosed)
		}
		p.OweAll(errA)
		p.Sweep(10)
		a.want(t)
		if got := p.All(); len(got) != 0 {
			t.Errorf("the pool has %d rooms after Close, want none", len(got))
		}
		time.Sleep(time.Hour) // no goroutine is left: the bubble ends
	})
}

// What comes before the end was read may be from before it, so the room looks.
func TestFollow(t *testing.T) {
	tests := []struct {
		name       string
		unanswered bool
		err, want  error // of reading the end, and of Follow
		early      bool
		told       []string
	}{
		{name: "nothing came"},
		{name: "something came", early: true, told: []string{"<nil>"}},
		{name: "no answer", unanswered: true, want: errUnanswered},
		{name: "no end", err: errA, want: errA},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPool(10)
				defer p.Close()
				p.config.Subscribe = func(string, *room) (bool, error) {
					return !test.unanswered, nil
				}
				var gate Gate
				r := &room{}
				err := p.Follow("a", r, &gate, func() error {
					if test.early && gate.Passes() {
						t.Error("the gate is open before the end is read")
					}
					return test.err
				})
				r.want(t, test.told...)
				if followed := test.want == nil; err != test.want || r.ended == followed ||
					gate.Passes() != followed {
					t.Errorf("Follow = %v, unsubscribed %v, open %v, want %v", err, r.ended,
						gate.Passes(), test.want)
				}
			})
		})
	}
}
