// Package line does jobs one after the other and limits how long their callers wait. It
// is for calls to a network, which may block, by callers that must not.
package line

import (
	"sync"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// line does jobs in the order in which they come, one at a time. It has one goroutine
// while there are jobs, and none at rest.
//
// A goroutine for each job would not keep the order, and thousands would wait for a stuck
// network. A permanent goroutine would need someone to end it.
type line struct {
	patience time.Duration
	slow     error

	mu          sync.Mutex // protects the fields below
	first, last *job       // the first is being done
	running     bool       // the goroutine is running
	watch       *time.Timer
	watching    bool // the watch runs
}

// do is Lines.Do in this line.
func (l *line) do(f func() error) error {
	j := &job{do: f, entered: time.Now(), result: make(chan error, 1)}
	if !l.enter(j) {
		return l.slow
	}
	return <-j.result
}

// enter puts j at the end of the line. It returns false if the job being done was given
// up.
func (l *line) enter(j *job) bool {
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
func (l *line) run() { recovered.Run(l, l.begin(), (*line).next) }

// begin returns the first job, or nil if all were given up before the goroutine ran.
func (l *line) begin() func() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.skip()
}

// next ends the job that was done, and returns the next one, or nil if there is none.
func (l *line) next(err error) func() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.first.end(err)
	return l.skip()
}

// skip removes jobs that have ended from the front, and returns the first that has not.
func (l *line) skip() func() error {
	for l.first != nil && l.first.ended {
		l.first = l.first.next
	}
	if l.running = l.first != nil; !l.running {
		return nil
	}
	return l.first.do
}

// watchFor calls expire after d. The timer is not stopped when the line becomes empty: it
// costs less to let it run out.
func (l *line) watchFor(d time.Duration) {
	l.watching = true
	if l.watch == nil {
		l.watch = time.AfterFunc(d, l.expire)
		return
	}
	l.watch.Reset(d)
}

// expire gives up the jobs whose time is over, and starts the timer for the next.
func (l *line) expire() {
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
