package natsrooms

import (
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// writeWait is how long NATS may take no bytes. It is longer than publishWait, so
	// that a slow network has time for a large message.
	writeWait = 2 * time.Second

	// A connection counts as broken after three pings without an answer, that is, twelve
	// seconds of silence.
	pingInterval = 4 * time.Second
	maxPingsOut  = 2
)

// Recommended is an option for nats.Connect, for a connection that only rooms use. Rooms
// survive every outage only with these settings. Later options may change them.
//
//   - The connection never gives up (MaxReconnect, IgnoreAuthErrorAbort). By default
//     nats.go closes it for good after 60 attempts in two minutes, or when a server that
//     is starting refuses it twice.
//   - Connect succeeds even while NATS is down (RetryOnFailedConnect). To stop the
//     program then, check nc.IsConnected.
//   - A broken network is noticed after two seconds in which NATS takes no bytes
//     (FlusherTimeout, ReconnectOnFlusherError), or after twelve seconds of silence
//     (PingInterval, MaxPingsOut). By default that takes one minute, or six.
//   - A network connection is closed at the first write that fails (CustomDialer, which
//     wraps one set by an earlier option). Otherwise, a network that gets stuck and
//     recovers can leave the NATS connection closed for good.
//   - Nothing is kept to be sent later (ReconnectBufSize). By default, up to 8 MB
//     published just before an outage is noticed may arrive after it: late, but in order.
//   - The server does not send back a connection's own messages (NoEcho), which rooms
//     would drop. So two brokers on one connection do not hear each other.
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
