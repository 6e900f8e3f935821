// Package stacks reads the stacks of running goroutines, for tests that report
// what is still running.
package stacks

import (
	"runtime"
	"strings"
)

// Goroutine is the runtime.Stack of one goroutine.
type Goroutine struct {
	ID    string // the number, as the runtime prints it
	Stack string // the whole text: state, frames, creator
}

// All returns the goroutines of this process, the calling one first.
func All() []Goroutine {
	var all []Goroutine
	for _, stack := range strings.Split(dump(), "\n\n") {
		id, _, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
		all = append(all, Goroutine{ID: id, Stack: strings.TrimSpace(stack)})
	}
	return all
}

// With returns the goroutines whose stack contains text, without the calling one.
func With(text string) []Goroutine {
	var found []Goroutine
	for _, g := range All()[1:] {
		if strings.Contains(g.Stack, text) {
			found = append(found, g)
		}
	}
	return found
}

// Join returns the stacks below one another.
func Join(gs []Goroutine) string {
	var b strings.Builder
	for i, g := range gs {
		if i > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(g.Stack)
	}
	return b.String()
}

// dump cannot ask for the size first, so it doubles the buffer until everything fits.
func dump() string {
	for size := 64 << 10; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return string(buf[:n])
		}
	}
}
