package line

import (
	"hash/maphash"
	"time"
)

// Lines are some lines, and a key has one of them: so the jobs of a key keep their order,
// and a key that is busy or stuck holds up few others. They are safe for concurrent use.
type Lines struct {
	seed  maphash.Seed
	lines [lineCount]Line
}

// lineCount is how many goroutines may wait in a network that is stalled.
const lineCount = 32

// NewLines returns lines in which nobody waits for longer than patience. Slow is the
// error of whoever would have to.
func NewLines(patience time.Duration, slow error) *Lines {
	l := &Lines{seed: maphash.MakeSeed()}
	for i := range l.lines {
		l.lines[i].patience, l.lines[i].slow = patience, slow
	}
	return l
}

// Do is Line.Do in the line of key.
func (l *Lines) Do(key string, f func() error) error {
	return l.lines[maphash.String(l.seed, key)%lineCount].Do(f)
}
