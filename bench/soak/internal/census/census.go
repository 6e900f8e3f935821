// Package census counts what a process holds: goroutines, open files and memory.
package census

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

// Count is what a process holds at one moment.
type Count struct {
	Goroutines int
	Files      int   // 0 where the system does not tell
	Memory     int64 // bytes of heap in use and of stacks
}

// Take counts, after all garbage is gone.
func Take() Count {
	// A pool is empty after two collections; each halves the stacks that are too large.
	for range 3 {
		runtime.GC()
	}
	return Look()
}

// Look counts without collecting.
func Look() Count {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return Count{
		Goroutines: runtime.NumGoroutine(),
		Files:      files(),
		Memory:     int64(m.HeapAlloc + m.StackInuse),
	}
}

// files counts the entries of a directory that only Linux has. Reading it opens one more.
func files() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries) - 1
}

func (c Count) String() string {
	return fmt.Sprintf("%d goroutines, %d files, %.1f MB",
		c.Goroutines, c.Files, float64(c.Memory)/(1<<20))
}

// Over returns what of c is more than before, memory by more than spare, and "" where
// nothing is.
func (c Count) Over(before Count, spare int64) (what string) {
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

// Settle counts until nothing is over before, or until ctx ends. It returns the last
// count, and what of it is over.
func Settle(ctx context.Context, before Count, spare int64) (c Count, over string) {
	for {
		c = Take()
		if over = c.Over(before, spare); over == "" {
			return c, ""
		}
		select {
		case <-ctx.Done():
			return c, over
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Steady counts until two counts in a row have the same goroutines and files, or until
// ctx ends: what came before has ended then.
func Steady(ctx context.Context) Count {
	last := Take()
	for {
		select {
		case <-ctx.Done():
			return last
		case <-time.After(300 * time.Millisecond):
		}
		c := Take()
		if c.Goroutines == last.Goroutines && c.Files == last.Files {
			return c
		}
		last = c
	}
}

// Stacks returns the stacks of all goroutines, the same ones together, cut to size bytes.
func Stacks(size int) string {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	return string(b.Bytes()[:min(size, b.Len())])
}
