package redisrooms

import (
	"cmp"
	"fmt"
	"strings"
	"unicode"
)

// BrokerOptions configures a [Broker]. [NewBroker] copies it. A zero field means its
// default.
type BrokerOptions struct {
	// Prefix begins the name of each channel and key. Use a different one for each type
	// of message, so that different rooms do not meet. It has no blanks, and none of
	// * ? [ ] { } \. Default: "rooms".
	Prefix string

	// Pending is how many messages from other processes may wait for each of the
	// broker's workers. There are GOMAXPROCS workers. Messages beyond it are dropped,
	// and reported to the OnError of the rooms with [ErrFull]. Default: 8192.
	Pending int

	// OnOutage is called when an outage is over, with an error that wraps [ErrOutage].
	// Messages that Publish accepted just before may be lost. Each room with members in
	// the process gets the same error in its OnError; OnOutage is for a process that
	// only publishes, and for rooms whose members have left. It is also called after a
	// stall that broke no connection but delayed a subscription; then only that room
	// may have lost messages. A goroutine of the broker calls it, so it must not block.
	// If it panics, the standard logger is told. Default: nothing is called.
	OnOutage func(err error)
}

func compileBroker(o *BrokerOptions) BrokerOptions {
	var c BrokerOptions
	if o != nil {
		c = *o
	}
	c.Prefix = compilePrefix("BrokerOptions", c.Prefix)
	c.Pending = compilePending("BrokerOptions", c.Pending)
	return c
}

func compilePrefix(options, prefix string) string {
	if prefix == "" {
		return "rooms"
	}
	reason := ""
	switch {
	case strings.ContainsAny(prefix, `*?[]\`):
		reason = "a wildcard, which rights could not name"
	case strings.ContainsAny(prefix, "{}"):
		reason = "braces choose the slot of a cluster"
	case strings.ContainsFunc(prefix, blank):
		reason = "a blank"
	case len(prefix) > 1024:
		reason = "longer than 1024 bytes"
	default:
		return prefix
	}
	panic(fmt.Sprintf("redisrooms: %s.Prefix %q: %s", options, prefix, reason))
}

func blank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }

func compilePending(options string, pending int) int {
	if pending < 0 {
		panic(fmt.Sprintf("redisrooms: %s.Pending %d: a negative number of messages", options,
			pending))
	}
	return cmp.Or(pending, 8192)
}
