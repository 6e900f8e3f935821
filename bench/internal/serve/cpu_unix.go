//go:build unix

package serve

import (
	"syscall"
	"time"
)

// CPUTime is what this process has used so far, in all and in system calls. It asks the
// kernel itself: /proc/<pid>/stat counts in hundredths of a second, getrusage in
// microseconds.
func CPUTime() (all, system time.Duration, err error) {
	var r syscall.Rusage
	err = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	user, system := time.Duration(r.Utime.Nano()), time.Duration(r.Stime.Nano())
	return user + system, system, err
}
