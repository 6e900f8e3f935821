// Package goroutines is a testing aid.
package goroutines

import (
	"bytes"
	"regexp"
	"runtime"
)

// bubble is in the first line of a goroutine's stack, if it is in a testing/synctest bubble.
var bubble = regexp.MustCompile(`^goroutine .*(synctest bubble \d+)`)

// Count counts the goroutines that packages rooms and presence, and those internal to
// them, have started in the bubble of the caller, or outside of any: the runtime's own count
// includes what other tests run, or leave dying.
func Count() (n int) {
	stacks := make([]byte, 4<<20)
	stacks = stacks[:runtime.Stack(stacks, true)] // the caller's comes first
	all := bytes.Split(stacks, []byte("\n\n"))
	own := bubble.FindSubmatch(all[0])
	const creator = "\ncreated by github.com/beatrichartz/martini-sockets/rooms"
	for _, stack := range all {
		found := bubble.FindSubmatch(stack)
		if (own == nil) != (found == nil) || own != nil && !bytes.Equal(own[1], found[1]) {
			continue
		}
		for _, dir := range []string{".", "/internal/", "/presence."} {
			n += bytes.Count(stack, []byte(creator+dir))
		}
	}
	return n
}
