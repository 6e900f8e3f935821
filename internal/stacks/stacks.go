// Package stacks reads the stacks of the running goroutines, for tests that
// have to say what still runs.
package stacks

import (
	"runtime"
	"strings"
)

// Goroutine is what runtime.Stack says about one goroutine.
type Goroutine struct {
	ID    string // the number, as the runtime prints it
	Stack string // the whole text: state, frames, who created it
}

// All gives the goroutines of this process, the calling one first.
func All() []Goroutine {
	var all []Goroutine
	for _, stack := range strings.Split(dump(), "\n\n") {
		id, _, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
		all = append(all, Goroutine{ID: id, Stack: strings.TrimSpace(stack)})
	}
	return all
}

// With gives the goroutines whose stack contains text, the calling one left out.
func With(text string) []Goroutine {
	var found []Goroutine
	for _, g := range All()[1:] {
		if strings.Contains(g.Stack, text) {
			found = append(found, g)
		}
	}
	return found
}

// Join writes the stacks below one another.
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

// dump has no way to ask for the size beforehand; it takes more until all fits.
func dump() string {
	for size := 64 << 10; ; size *= 2 {
		buf := make([]byte, size)
		if n := runtime.Stack(buf, true); n < size {
			return string(buf[:n])
		}
	}
}
