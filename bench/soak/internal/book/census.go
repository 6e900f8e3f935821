package book

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

// Census is what a process holds at one moment.
type Census struct {
	Goroutines int
	Files      int   // 0 if the system does not tell
	Memory     int64 // bytes of heap in use and of stacks
}

// Look counts without collecting.
func Look() Census {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	// Only Linux has this directory. Reading it opens one more.
	files, _ := os.ReadDir("/proc/self/fd")
	return Census{runtime.NumGoroutine(), max(0, len(files)-1), int64(m.HeapAlloc + m.StackInuse)}
}

// Take counts, after all garbage is gone. A pool is empty after two collections; each
// halves the stacks that are too large.
func Take() Census {
	for range 3 {
		runtime.GC()
	}
	return Look()
}

func (c Census) String() string {
	return fmt.Sprintf("%d goroutines, %d files, %.1f MB",
		c.Goroutines, c.Files, float64(c.Memory)/(1<<20))
}

// Over returns what of c is more than before, memory by more than spare, and "" if
// nothing is.
func (c Census) Over(before Census, spare int64) (what string) {
	if c.Goroutines > before.Goroutines {
		what += fmt.Sprintf(" %d goroutines, there were %d;", c.Goroutines, before.Goroutines)
	}
	if c.Files > before.Files {
		what += fmt.Sprintf(" %d files open, there were %d;", c.Files, before.Files)
	}
	if c.Memory > before.Memory+spare {
		what += fmt.Sprintf(" %d bytes of memory, there were %d;", c.Memory, before.Memory)
	}
	return what
}

// Settle counts until nothing is over before, or until late. It returns the last count,
// and what of it is over.
func Settle(late time.Time, before Census, spare int64) (c Census, over string) {
	for {
		c = Take()
		if over = c.Over(before, spare); over == "" || time.Now().After(late) {
			return c, over
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Steady counts until two counts in a row have the same goroutines and files, or until
// late: what came before has ended then.
func Steady(late time.Time) Census {
	for last := Take(); ; {
		time.Sleep(300 * time.Millisecond)
		c := Take()
		if c.Goroutines == last.Goroutines && c.Files == last.Files || time.Now().After(late) {
			return c
		}
		last = c
	}
}
