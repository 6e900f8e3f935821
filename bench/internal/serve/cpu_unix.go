//go:build unix

package serve

import (
	"syscall"
	"time"
)

// CPUTime is what this process has used so far. It asks the kernel itself:
// /proc/<pid>/stat counts in hundredths of a second, getrusage in microseconds.
func CPUTime() (time.Duration, error) {
	var r syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()), err
}
