package natsbroker

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/nats-io/nats.go"
)

// Options of a [Broker]. They are copied by [New]; zero values are the defaults.
type Options struct {
	// Prefix begins each subject, and so tells networks of rooms apart: one for each kind of message. It is one or more
	// NATS tokens, such as "app.chat". Default "rooms".
	Prefix string

	// Pending is how many messages from other processes may wait for each of the broker's goroutines, of which there are as
	// many as GOMAXPROCS when the broker was made. More are dropped, and told to the OnError of the rooms. Default 8192.
	Pending int
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
		panic(fmt.Sprintf("natsbroker: Options.Pending %d: a negative number of messages", c.Pending))
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
	if strings.ContainsFunc(prefix, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "a blank"
	}
	if len(prefix) > 1024 {
		return "longer than 1024 bytes"
	}
	return ""
}

// Recommended is an option for nats.Connect, for a connection that rooms have for themselves:
//
//   - It never gives up: with nats.go's default the connection is closed for good after 60 attempts, two minutes.
//   - It also starts while NATS is away. Check nc.IsConnected where that should stop the program.
//   - It keeps nothing for later. With nats.go's default, up to 8 MB of what is published in the instant before an
//     outage is noticed may arrive after it, late, though in order.
//   - It leaves out the echo of its own messages, which rooms drop anyway. So two brokers on one such connection do not
//     hear each other.
func Recommended(o *nats.Options) error {
	o.MaxReconnect = -1
	o.RetryOnFailedConnect = true
	o.ReconnectBufSize = -1
	o.NoEcho = true
	return nil
}
