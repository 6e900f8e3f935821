// Package goroutines is a testing aid.
package goroutines

import (
	"regexp"
	"runtime"
	"slices"
	"strings"
)

const rooms = "github.com/beatrichartz/martini-sockets/rooms"

// bubble is in the first line of a goroutine's stack, if it is in a testing/synctest bubble.
var bubble = regexp.MustCompile(`^goroutine .*(synctest bubble \d+)`)

// Count is Of rooms, presence, and what is internal to them.
func Count() int { return Of("", "/internal/", "/presence") }

// Of counts the goroutines that packages below rooms have started in the bubble of the
// caller, or outside of any: the runtime's own count includes what other tests run, or leave
// dying. "" is rooms itself, and a name that ends with a slash all packages of that folder.
func Of(packages ...string) (n int) {
	stacks := make([]byte, 1<<20)
	length := runtime.Stack(stacks, true)
	for length == len(stacks) {
		stacks = make([]byte, 2*len(stacks))
		length = runtime.Stack(stacks, true)
	}
	all := strings.Split(string(stacks[:length]), "\n\n")
	own := bubbleOf(all[0]) // the caller's comes first
	for _, stack := range all {
		by := startedBy(stack)
		if bubbleOf(stack) == own && slices.ContainsFunc(packages, func(name string) bool {
			rest, below := strings.CutPrefix(by, rooms+name)
			return below && (strings.HasSuffix(name, "/") || strings.HasPrefix(rest, "."))
		}) {
			n++
		}
	}
	return n
}

// bubbleOf returns "" outside of any.
func bubbleOf(stack string) string {
	if found := bubble.FindStringSubmatch(stack); found != nil {
		return found[1]
	}
	return ""
}

// startedBy returns the function that has started a goroutine, or the one that
// WaitGroup.Go has started.
func startedBy(stack string) string {
	calls, by, _ := strings.Cut(stack, "\ncreated by ")
	if !strings.HasPrefix(by, "sync.(*WaitGroup).Go") {
		return by
	}
	calls = calls[:max(strings.LastIndex(calls, "\nsync.(*WaitGroup).Go"), 0)]
	lines := strings.Split(calls, "\n") // of each call, and where it is
	return lines[max(len(lines)-2, 0)]
}
