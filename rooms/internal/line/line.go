// Package line has jobs done one after the other, and lets nobody wait for long: what
// calls into a network may block, and those who ask for it must not.
package line

import (
	"sync"
	"time"
)

// Line does jobs in the order in which they come, one at a time. It has one goroutine
// while there are jobs, and none at rest. Make one with [New]; it is safe for concurrent
// use.
//
// A goroutine for each job would not keep the order, and thousands would wait for a
// network that is stalled. One that stays would need somebody to end it.
type Line struct {
	patience time.Duration
	slow     error

	mu          sync.Mutex // protects what follows
	first, last *job       // the first is being done
	running     bool       // the goroutine is there
	watch       *time.Timer
	watching    bool // the watch runs
}

// New returns a line in which nobody waits for longer than patience. Slow is the error of
// whoever would have to.
func New(patience time.Duration, slow error) *Line {
	return &Line{patience: patience, slow: slow}
}

// Do has f done and returns its error; a panic in f becomes one. It waits for the jobs
// before f and for f, but no longer than the patience. Then it returns the slow error: f
// will not be done any more, unless it had begun.
//
// As long as a job that had begun takes longer than that, Do returns the slow error at
// once. So what waits behind it is never done late.
func (l *Line) Do(f func() error) error {
	j := &job{do: f, entered: time.Now(), result: make(chan error, 1)}
	if !l.enter(j) {
		return l.slow
	}
	return <-j.result
}

// enter puts j at the end of the line, unless the first in it was given up.
func (l *Line) enter(j *job) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.first == nil:
		l.first, l.last = j, j
	case l.first.ended:
		return false
	default:
		l.last.next, l.last = j, j
	}
	if !l.running {
		l.running = true
		go l.run() // ends when nothing is left to do
	}
	if !l.watching {
		l.watchFor(l.patience)
	}
	return true
}

// run does the jobs.
func (l *Line) run() {
	for j := l.begin(); j != nil; {
		j = l.next(j.try())
	}
}

// begin returns the job to do, or nil: it may have been given up before the goroutine
// ran.
func (l *Line) begin() *job {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.skip()
}

// next ends the job that was done, and returns the one to do now, nil if there is none.
func (l *Line) next(err error) *job {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.first.end(err)
	return l.skip()
}

// skip takes those jobs out that have ended, up to the first that has not.
func (l *Line) skip() *job {
	for l.first != nil && l.first.ended {
		l.first = l.first.next
	}
	l.running = l.first != nil
	return l.first
}

// watchFor has expire called after d. The timer of one that comes to a line at rest is
// not stopped when the line is at rest again: it costs less to let it run out.
func (l *Line) watchFor(d time.Duration) {
	l.watching = true
	if l.watch == nil {
		l.watch = time.AfterFunc(d, l.expire)
		return
	}
	l.watch.Reset(d)
}

// expire gives up the jobs whose time is over, and goes on watching for the next.
func (l *Line) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watching = false
	for j := l.first; j != nil; j = j.next {
		if left := l.patience - time.Since(j.entered); left > 0 {
			l.watchFor(left)
			return
		}
		j.end(l.slow)
	}
}
