package line

import (
	"time"
)

// job is a call that waits in a line.
type job struct {
	do      func() error
	entered time.Time
	result  chan error // has room for it

	next  *job // in the line
	ended bool // done, or given up
}

// end gives the result to the caller of Do, unless the job has already ended. The caller
// holds the line's lock.
func (j *job) end(err error) {
	if !j.ended {
		j.ended = true
		j.result <- err
	}
}
