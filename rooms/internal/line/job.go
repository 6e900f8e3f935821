package line

import (
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// job is a call that waits in a line.
type job struct {
	do      func() error
	entered time.Time
	result  chan error // has room for it

	next  *job // in the line
	ended bool // done, or given up
}

// try does the job. A panic becomes an error, because the caller of Do is in another
// goroutine, or has given up.
func (j *job) try() error {
	return recovered.Call(j.do)
}

// end gives the result to the caller of Do, unless the job has already ended. The caller
// holds the line's lock.
func (j *job) end(err error) {
	if !j.ended {
		j.ended = true
		j.result <- err
	}
}
