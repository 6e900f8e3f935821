// Package goroutines is a testing aid.
package goroutines

import (
	"bytes"
	"runtime"
)

// Count counts the goroutines that packages rooms and presence, and those internal to
// them, have started: the runtime's own count includes what earlier tests leave dying.
func Count() (n int) {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	const creator = "\ncreated by github.com/beatrichartz/martini-sockets/rooms"
	for _, dir := range []string{".", "/internal/", "/presence."} {
		n += bytes.Count(stacks, []byte(creator+dir))
	}
	return n
}
