// Package goroutines is a testing aid.
package goroutines

import (
	"regexp"
	"slices"
	"strings"

	"github.com/beatrichartz/martini-sockets/internal/stacks"
)

const rooms = "github.com/beatrichartz/martini-sockets/rooms"

// bubble is in the first line of a goroutine's stack, if it is in a testing/synctest bubble.
var bubble = regexp.MustCompile(`^goroutine .*(synctest bubble \d+)`)

// library lists the packages that start goroutines, by what follows rooms in their path:
// "" is rooms itself.
var library = []string{"", "/internal/line", "/internal/pool", "/internal/recovered",
	"/natsrooms", "/presence", "/redisrooms"}

// Count counts the goroutines of the library in the bubble of the caller, or outside of
// any: the runtime's own count includes what other tests run, or leave dying.
func Count() int { return Of(library...) }

// Of is Count for some packages of the library.
func Of(packages ...string) int { return len(of(packages)) }

func of(packages []string) (found []stacks.Goroutine) {
	all := stacks.All()
	own := bubbleOf(all[0].Stack) // the caller's comes first
	for _, g := range all {
		by := startedBy(g.Stack)
		if bubbleOf(g.Stack) == own && slices.ContainsFunc(packages, func(name string) bool {
			return strings.HasPrefix(by, rooms+name+".")
		}) {
			found = append(found, g)
		}
	}
	return found
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
