package pool

import (
	"errors"
	"log"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// link is set by the test.
type link struct {
	mu      sync.Mutex
	breaks  uint64
	gone    error
	settles error
	once    func() // called by the next Settle
}

func (l *link) Look() (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.breaks, l.gone
}

func (l *link) Settle() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.once != nil {
		l.once()
		l.once = nil
	}
	return l.settles
}

func (l *link) set(breaks uint64, gone, settles error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.breaks, l.gone, l.settles = breaks, gone, settles
}

// A room is told once per outage, when the network has answered, so that nothing is
// missed that is said after that; and at once if the network will not come back.
func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, l, hooked := newPool(10), &link{breaks: 7}, 0
		defer p.Close()
		a, b := enter(t, p, "a"), enter(t, p, "b")
		p.Watch(l, errA, func(error) { hooked++ })
		late := func(key string) { p.worker(key).setLate(key, &p.late) }
		look := func() { time.Sleep(2 * watchPeriod) }
		want := func(hooks int, ofA, ofB []string) {
			t.Helper()
			look()
			a.want(t, ofA...)
			b.want(t, ofB...)
			if hooked != hooks {
				t.Errorf("the hook was called %d times, want %d", hooked, hooks)
			}
		}
		want(0, nil, nil)
		l.set(8, nil, errors.New("down"))
		want(0, nil, nil)
		l.set(9, nil, nil)
		want(1, []string{"a"}, []string{"a"})
		want(1, nil, nil)
		late("b")
		want(2, nil, []string{"a"})
		want(2, nil, nil)
		late("a")
		late("nobody")
		want(3, []string{"a"}, nil)
		p.config.Subscribe = func(string, *room) (bool, error) { return false, nil }
		c := enter(t, p, "c") // the network has not answered yet
		want(4, nil, nil)
		c.want(t, "a")
		p.Unsubscribe("c")
		l.set(9, errB, nil)
		want(5, []string{"a: b"}, []string{"a: b"})
		want(5, nil, nil)
		l.set(10, nil, nil)
		want(6, []string{"a"}, []string{"a"})
		l.set(10, errB, nil) // gone once more
		want(7, []string{"a: b"}, []string{"a: b"})
		l.set(10, nil, nil)
		l.once = func() { late("b") } // the network has not answered this one
		late("a")
		want(9, []string{"a"}, []string{"a"})
	})
}

// Contract 9.9: a hook that panics or ends its goroutine ends neither the process nor the
// watching.
func TestWatchHookPanics(t *testing.T) {
	for _, end := range []func(){func() { panic("at the disco") }, runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			var logged strings.Builder
			log.SetOutput(&logged)
			defer log.SetOutput(os.Stderr)
			p, l := newPool(10), &link{}
			defer p.Close()
			a := enter(t, p, "a")
			p.Watch(l, errA, func(error) { end() })
			for breaks := range uint64(2) {
				l.set(breaks+1, nil, nil)
				time.Sleep(2 * watchPeriod)
				a.want(t, "a")
			}
			if got := strings.Count(logged.String(), `OnOutage, told of "a": `); got != 2 {
				t.Errorf("the logger was told %d times, want 2: %s", got, &logged)
			}
		})
	}
}
