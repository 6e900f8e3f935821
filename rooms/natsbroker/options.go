package natsbroker

import (
	"fmt"
	"strings"
	"unicode"
)

// Options configures a [Broker]. [New] copies it. A zero field means its default.
type Options struct {
	// Prefix begins each subject. Use a different one for each type of message, so that
	// different rooms do not meet. It is one or more NATS tokens, such as "app.chat".
	// Default: "rooms".
	Prefix string

	// Pending is how many messages from other processes may wait for each of the broker's
	// workers. There are GOMAXPROCS workers. Messages beyond it are dropped, and reported
	// to the OnError of the rooms. Default: 8192.
	Pending int

	// OnOutage is called when an outage is over, with an error that wraps [ErrOutage].
	// Messages that Publish accepted just before may be lost. Each room with members in
	// the process gets the same error in its OnError; OnOutage is for a process that only
	// publishes, and for rooms whose members have left. It is also called after a stall
	// that broke no connection but delayed a subscription; then only that room may have
	// lost messages. A goroutine of the broker calls it, so it must not block. Default:
	// nothing is called.
	OnOutage func(err error)
}

func compile(o *Options) Options {
	var c Options
	if o != nil {
		c = *o
	}
	if c.Prefix == "" {
		c.Prefix = "rooms"
	}
	if reason := badPrefix(c.Prefix); reason != "" {
		panic(fmt.Sprintf("natsbroker: Options.Prefix %q: %s", c.Prefix, reason))
	}
	if c.Pending == 0 {
		c.Pending = 8192
	}
	if c.Pending < 0 {
		panic(fmt.Sprintf("natsbroker: Options.Pending %d: a negative number of messages",
			c.Pending))
	}
	if c.OnOutage == nil {
		c.OnOutage = func(error) {}
	}
	return c
}

func badPrefix(prefix string) (reason string) {
	for token := range strings.SplitSeq(prefix, ".") {
		if token == "" {
			return "an empty token"
		}
	}
	if strings.ContainsAny(prefix, "*>") {
		return "a wildcard"
	}
	if strings.HasPrefix(prefix, "$") {
		return "subjects with $ are the server's own"
	}
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
	if strings.ContainsFunc(prefix, blank) {
		return "a blank"
	}
	if len(prefix) > 1024 {
		return "longer than 1024 bytes"
	}
	return ""
}
