// Package book keeps the books of a soak: what clients have done, what went wrong, and
// what the process holds.
package book

import (
	"expvar"
	"fmt"
	"log"
	"maps"
	"os"
	"runtime"
	"time"
)

// Ledger counts what a soak has done, and prints what went wrong. It is safe for
// concurrent use.
type Ledger struct {
	expvar.Map
	*log.Logger
}

// Fault counts and prints what was wrong.
func (l *Ledger) Fault(format string, args ...any) {
	l.Add("faults", 1)
	l.Printf("fault: "+format, args...)
}

// Verdict is ok, or says why it is not.
func (l *Ledger) Verdict() string {
	switch {
	case l.Get("faults") != nil:
		return fmt.Sprintf("FAILED: %v faults", l.Get("faults"))
	case l.Get("messages") == nil:
		return "FAILED: nobody came"
	}
	return "ok"
}

// Census is what a process holds at one moment: "goroutines", "files" (0 if the system
// does not tell), bytes of "memory" (heap in use and stacks), and what a server adds.
type Census map[string]int64

// Look counts without collecting.
func Look() Census {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	// Only Linux has this directory. Reading it opens one more.
	open, _ := os.ReadDir("/proc/self/fd")
	return Census{
		"goroutines": int64(runtime.NumGoroutine()),
		"files":      int64(max(0, len(open)-1)),
		"memory":     int64(m.HeapAlloc + m.StackInuse),
	}
}

// over returns what c has more of than before, memory by more than 8 MB.
func (c Census) over(before Census) Census {
	over := maps.Clone(c)
	maps.DeleteFunc(over, func(what string, n int64) bool {
		return n <= before[what] || what == "memory" && n <= before[what]+8<<20
	})
	return over
}

// Settle looks until nothing is over before, or until late. It returns what it saw last,
// and what of it is over.
func Settle(late time.Time, look func() Census, before Census) (now, over Census) {
	now = until(late, look, func(c Census) bool { return len(c.over(before)) == 0 })
	return now, now.over(before)
}

// Steady looks until it sees the same goroutines and files twice, and no connections, or
// until late: what came before has ended then.
func Steady(late time.Time, look func() Census) Census {
	var last Census
	return until(late, look, func(c Census) bool {
		same := c["goroutines"] == last["goroutines"] && c["files"] == last["files"]
		last = c
		return same && c["connections"] == 0
	})
}

// until looks until done, or until late. Before each look all garbage is gone: a pool is
// empty after two collections, and each halves the stacks that are too large.
func until(late time.Time, look func() Census, done func(Census) bool) Census {
	for {
		for range 3 {
			runtime.GC()
		}
		if c := look(); done(c) || time.Now().After(late) {
			return c
		}
		time.Sleep(200 * time.Millisecond)
	}
}
