package line_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/line"
)

var (
	errSlow   = errors.New("slow")
	errBroken = errors.New("broken")
)

func TestResults(t *testing.T) {
	tests := []struct {
		name string
		job  func() error
		want string // in the error; empty: none
	}{
		{name: "done", job: func() error { return nil }},
		{name: "failed", job: func() error { return errBroken }, want: "broken"},
		{name: "panicked", job: func() error { panic("at the disco") },
			want: "panic: at the disco"},
	}
	l := line.NewLines(time.Minute, errSlow)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := l.Do("", test.job)
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("Do = %v, want %q", err, test.want)
			}
		})
	}
}

// Jobs are done one at a time, and those of one caller in order.
func TestOrder(t *testing.T) {
	const callers, each = 4, 500
	l := line.NewLines(time.Minute, errSlow)
	var got [callers][]int // a job at a time: the race detector would tell
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				if err := l.Do("", func() error { got[c] = append(got[c], i); return nil }); err != nil {
					t.Errorf("Do = %v, want no error", err)
				}
			}
		})
	}
	wg.Wait()
	for c := range callers {
		if len(got[c]) != each || !slices.IsSorted(got[c]) {
			t.Errorf("caller %d: done %v, want 0 to %d in order", c, got[c], each-1)
		}
	}
}

// try starts a job that takes so long, and returns where its result and its time arrive.
func try(l *line.Lines, takes time.Duration, done *int) <-chan result {
	results := make(chan result, 1)
	go func() {
		start := time.Now()
		err := l.Do("", func() error {
			time.Sleep(takes)
			*done++
			return nil
		})
		results <- result{err, time.Since(start)}
	}()
	synctest.Wait()
	return results
}

type result struct {
	err  error
	took time.Duration
}

func wantResult(t *testing.T, what string, from <-chan result, want result) {
	t.Helper()
	if got := <-from; got != want {
		t.Errorf("%s: Do = %v, want %v", what, got, want)
	}
}

// A job that takes too long is given up; those that wait with it are not done any more,
// and those that come later are refused at once, until it has ended.
func TestStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.NewLines(time.Second, errSlow)
		var stuck, waiting, late, after int
		first := try(l, time.Minute, &stuck)
		time.Sleep(time.Second / 2)
		second := try(l, 0, &waiting)
		wantResult(t, "the one that is stuck", first, result{errSlow, time.Second})
		wantResult(t, "a late one", try(l, 0, &late), result{errSlow, 0})
		wantResult(t, "the one that waits", second, result{errSlow, time.Second})
		time.Sleep(time.Minute)
		wantResult(t, "one that comes after", try(l, 0, &after), result{nil, 0})
		if stuck+waiting+late+after != 2 || stuck != 1 || after != 1 {
			t.Errorf("done: stuck %d, waiting %d, late %d, after %d, want 1, 0, 0, 1",
				stuck, waiting, late, after)
		}
	})
}

// The patience counts from when a job came, however long those before it take; one that
// waits can still be done in time.
func TestPatienceOfEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = 600 * time.Millisecond
		l := line.NewLines(time.Second, errSlow)
		var done int
		first, second := try(l, slow, &done), try(l, slow, &done)
		time.Sleep(300 * time.Millisecond)
		third := try(l, 0, &done)
		wantResult(t, "first", first, result{nil, slow})
		wantResult(t, "second", second, result{errSlow, time.Second})
		wantResult(t, "third", third, result{nil, 900 * time.Millisecond})
		if done != 3 {
			t.Errorf("done %d, want 3: the second had begun", done)
		}
	})
}

// A line at rest has no goroutine: the bubble would not end. It watches again when it
// works.
func TestRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.NewLines(time.Second, errSlow)
		var done int
		for range 3 {
			wantResult(t, "a job", try(l, 0, &done), result{nil, 0})
			time.Sleep(time.Hour)
			wantResult(t, "a stuck one", try(l, time.Minute, &done), result{errSlow, time.Second})
			time.Sleep(time.Hour)
		}
	})
}

// Contract 9.9: a job that ends its goroutine ends neither the line nor those who wait.
func TestGoexitInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.NewLines(time.Second, errSlow)
		jobs := []func() error{
			func() error { time.Sleep(time.Millisecond); runtime.Goexit(); return nil },
			func() error { runtime.Goexit(); return nil },
			func() error { return nil },
		}
		var results [3]error
		for i, job := range jobs {
			go func() { results[i] = l.Do("", job) }()
			synctest.Wait() // the first sleeps, and the others wait
		}
		time.Sleep(time.Second / 2)
		synctest.Wait()
		for i, err := range results {
			if got := fmt.Sprint(err); (i == 2) != (err == nil) ||
				i < 2 && (!strings.Contains(got, "Goexit") || !strings.Contains(got, "line_test.go:")) {
				t.Errorf("Do = %v for job %d, want an error with its frames for 0 and 1", err, i)
			}
		}
	})
}

// A key that is stuck does not hold up all others.
func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := line.NewLines(time.Second, errSlow)
		block := make(chan struct{})
		go l.Do("stuck", func() error { <-block; return nil })
		synctest.Wait()
		served := 0
		for i := range 100 {
			start := time.Now()
			err := l.Do(strings.Repeat("x", i), func() error { return nil })
			if err == nil && time.Since(start) == 0 {
				served++
			}
		}
		if served < 75 {
			t.Errorf("%d of 100 other keys were served, want nearly all", served)
		}
		if err := l.Do("stuck", func() error { return nil }); !errors.Is(err, errSlow) {
			t.Errorf("Do(the same key) = %v, want %v", err, errSlow)
		}
		close(block)
	})
}
