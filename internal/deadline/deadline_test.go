package deadline

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// deadlineTest is a row of TestDeadline.
type deadlineTest struct {
	name  string
	set   []time.Duration // times from the start; 0 stands for the zero time
	after time.Duration
	want  bool
	wakes int
}

func TestDeadline(t *testing.T) {
	tests := []deadlineTest{
		{name: "never set", after: time.Hour, want: false},
		{name: "zero time", set: []time.Duration{0}, after: time.Hour, want: false},
		{name: "past", set: []time.Duration{-time.Second}, want: true, wakes: 1},
		{name: "before", set: []time.Duration{time.Second}, after: time.Second - 1,
			want: false},
		{name: "at", set: []time.Duration{time.Second}, after: time.Second, want: true,
			wakes: 1},
		{name: "taken back", set: []time.Duration{time.Second, 0}, after: time.Hour,
			want: false},
		{name: "passed, then taken back", set: []time.Duration{-time.Second, 0},
			after: time.Hour, want: false, wakes: 1},
		{name: "later", set: []time.Duration{time.Second, time.Minute},
			after: 59 * time.Second, want: false},
		{name: "earlier", set: []time.Duration{time.Minute, time.Second},
			after: time.Hour, want: true, wakes: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func (tt deadlineTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var d Deadline
		wakes := 0
		mu.Lock()
		defer mu.Unlock()
		start := time.Now()
		for _, after := range tt.set {
			at := start.Add(after)
			if after == 0 {
				at = time.Time{}
			}
			d.Set(at, &mu, func() { wakes++ })
		}
		mu.Unlock()
		time.Sleep(tt.after)
		synctest.Wait()
		mu.Lock()
		if got := d.Passed(); got != tt.want {
			t.Errorf("Passed() after %v = %t, want %t", tt.after, got, tt.want)
		}
		if wakes != tt.wakes {
			t.Errorf("wakes = %d, want %d", wakes, tt.wakes)
		}
	})
}

// A timer that has fired may wait for the lock while the deadline is set again.
// It must not count for the new one.
func TestDeadlineReplacedWhileFiring(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lock lateLock
		var d Deadline
		lock.mu.Lock()
		d.Set(time.Now().Add(time.Second), &lock, func() { t.Error("wake was called") })
		lock.before = func() { d.Set(time.Time{}, &lock, nil) }
		lock.mu.Unlock()
		time.Sleep(time.Minute)
		lock.mu.Lock()
		defer lock.mu.Unlock()
		if d.Passed() {
			t.Error("Passed() = true, want false")
		}
	})
}

// lateLock is a lock that somebody else has just released.
type lateLock struct {
	mu     sync.Mutex
	before func()
}

func (l *lateLock) Lock() {
	l.mu.Lock()
	l.before()
}

func (l *lateLock) Unlock() { l.mu.Unlock() }
