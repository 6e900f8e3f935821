package line

import (
	"fmt"
	"time"
)

// job is something to do, and waits in a line for it.
type job struct {
	do      func() error
	entered time.Time
	result  chan error // has room for it

	next  *job // in the line
	ended bool // done, or given up
}

// try does the job. A panic becomes an error: whoever asked for the job has to learn of
// it, and waits in another goroutine, if at all.
func (j *job) try() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return j.do()
}

// end gives the result to whoever asked, unless the job has ended before. It is called
// with the line's lock.
func (j *job) end(err error) {
	if !j.ended {
		j.ended = true
		j.result <- err
	}
}
