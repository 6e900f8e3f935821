package natsbroker

import (
	"fmt"
	"strings"
	"unicode"
)

// Options of a [Broker]. They are copied by [New]; zero values are the defaults.
type Options struct {
	// Prefix begins each subject, and so tells networks of rooms apart: one for each kind
	// of message. It is one or more NATS tokens, such as "app.chat". Default "rooms".
	Prefix string

	// Pending is how many messages from other processes may wait for each of the broker's
	// workers, of which there are as many as GOMAXPROCS when the broker was made. More
	// are dropped, and told to the OnError of the rooms. Default 8192.
	Pending int

	// OnOutage is told of each outage when it is over: an error that wraps [ErrOutage].
	// What Publish accepted just before may be lost. Every room that has members in the
	// process then is told the same, by its OnError; this is for a process that only
	// publishes, and for rooms whose members have gone. It is also told of a stall that
	// broke no connection but held up a subscription: there only that room may have lost
	// something. It is called by a goroutine of the broker, and must not block. Default:
	// nobody is told.
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
