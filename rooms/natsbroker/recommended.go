package natsbroker

import (
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// writeWait is how long NATS may take no bytes. It is longer than a Publish waits, so
	// that a network that is only slow has the time for a large message.
	writeWait = 2 * time.Second

	// Three pings without an answer, twelve seconds of silence, and the connection counts
	// as broken.
	pingInterval = 4 * time.Second
	maxPingsOut  = 2
)

// Recommended is an option for nats.Connect, for a connection that rooms have for
// themselves. Only with it do rooms survive every outage. Options that follow it may
// change what it sets:
//
//   - It never gives up (MaxReconnect). With nats.go's default the connection is closed
//     for good after 60 attempts, two minutes; and without IgnoreAuthErrorAbort when a
//     server that is just starting refuses it twice.
//   - It also starts while NATS is away (RetryOnFailedConnect). Check nc.IsConnected
//     where that should stop the program.
//   - It finds out that the network is broken: after two seconds in which NATS takes no
//     bytes (FlusherTimeout, ReconnectOnFlusherError), and after twelve seconds of
//     silence (PingInterval, MaxPingsOut). With nats.go's defaults that takes a minute,
//     and six.
//   - It ends a network connection with the first write that fails (CustomDialer, which
//     wraps one that is set before). With nats.go's own a network that stalls and goes
//     on can end in a closed connection.
//   - It keeps nothing for later (ReconnectBufSize). With nats.go's default, up to 8 MB
//     of what is published in the instant before an outage is noticed may arrive after
//     it, late, though in order.
//   - It leaves out the echo of its own messages (NoEcho), which rooms drop anyway. So
//     two brokers on one such connection do not hear each other.
func Recommended(o *nats.Options) error {
	o.MaxReconnect = -1
	o.IgnoreAuthErrorAbort = true
	o.RetryOnFailedConnect = true
	o.FlusherTimeout = writeWait
	o.ReconnectOnFlusherError = true
	o.PingInterval = pingInterval
	o.MaxPingsOut = maxPingsOut
	o.CustomDialer = dialer{options: o, custom: o.CustomDialer}
	o.ReconnectBufSize = -1
	o.NoEcho = true
	return nil
}
