package line

import (
	"hash/maphash"
	"time"
)

// Lines is a fixed number of lines. Each key belongs to one line: so the jobs of a key
// keep their order, and a key that is busy or stuck delays few others. It is safe for
// concurrent use.
type Lines struct {
	seed  maphash.Seed
	lines [lineCount]line
}

// lineCount is the largest number of goroutines that wait for a stuck network.
const lineCount = 32

// NewLines returns lines whose callers wait for at most patience, and then get the error
// slow.
func NewLines(patience time.Duration, slow error) *Lines {
	l := &Lines{seed: maphash.MakeSeed()}
	for i := range l.lines {
		l.lines[i].patience, l.lines[i].slow = patience, slow
	}
	return l
}

// Do calls f after the jobs of key before it, and returns f's error. A panic or a
// runtime.Goexit in f becomes an error. If all that takes longer than the patience, Do
// returns the slow error. If f has not begun by then, it is never called.
//
// While a job takes longer than the patience, new calls of Do in its line return the
// slow error at once. So no job is done late.
func (l *Lines) Do(key string, f func() error) error {
	return l.lines[maphash.String(l.seed, key)%lineCount].do(f)
}
