package natsrooms

import (
	"cmp"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/subjects"
)

// BrokerOptions configures a [Broker]. [NewBroker] copies it. A zero field means its
// default.
type BrokerOptions struct {
	// Prefix begins each subject. Use a different one for each type of message, so that
	// different rooms do not meet. It is one or more NATS tokens without a quote, such as
	// "app.chat". Default: "rooms".
	Prefix string

	// Pending is how many messages from other processes may wait for each of the
	// broker's workers. There are GOMAXPROCS workers. Messages beyond it are dropped,
	// and reported to the OnError of the rooms. Default: 8192.
	Pending int

	// OnOutage is called when an outage is over, with an error that wraps [ErrOutage].
	// Messages that Publish accepted just before may be lost. Each room with members in
	// the process gets the same error in its OnError; OnOutage is for a process that
	// only publishes, and for rooms whose members have left. It is also called after a
	// stall that broke no connection but delayed a subscription; then only that room
	// may have lost messages. A goroutine of the broker calls it, so it must not block.
	// If it panics, the standard logger is told. Default: nothing is called.
	OnOutage func(err error)

	// Connect makes a new connection if nats.go closes the current one for good. It
	// does so, whatever MaxReconnect says, after some errors of the server: above all
	// after a message over a limit that the server had not announced. Until Connect
	// succeeds, every call returns nats.ErrConnectionClosed, with the error or the panic
	// of Connect, and all rooms are told once. A goroutine of the broker calls it, with
	// pauses of up to 30 seconds; it should not block for longer than some seconds. The
	// connections belong to the program, which closes the broker before them. Default:
	// no new connection is made.
	Connect func() (*nats.Conn, error)
}

func compileBroker(o *BrokerOptions) BrokerOptions {
	var c BrokerOptions
	if o != nil {
		c = *o
	}
	c.Prefix, c.Pending = cmp.Or(c.Prefix, "rooms"), cmp.Or(c.Pending, 8192)
	if reason := subjects.BadPrefix(c.Prefix); reason != "" {
		panic(fmt.Sprintf("natsrooms: BrokerOptions.Prefix %q: %s", c.Prefix, reason))
	}
	if c.Pending < 0 {
		panic(fmt.Sprintf("natsrooms: BrokerOptions.Pending %d: a negative number of messages",
			c.Pending))
	}
	return c
}
