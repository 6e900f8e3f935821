package natsrooms

import (
	"net"

	"github.com/nats-io/nats.go"
)

// dialer opens network connections that close themselves when a write fails.
//
// A write that its deadline cuts short may have sent half a frame. nats.go would then
// send the next frame; the server would take it for the other half and refuse the
// stream; and nats.go would close the connection for good, whatever MaxReconnect says.
// A network connection that is closed at once cannot send another byte, so nats.go
// reconnects.
type dialer struct {
	options *nats.Options     // complete once Connect has applied all options
	custom  nats.CustomDialer // the program's, or nil
}

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	c, err := d.dial(network, address)
	if err != nil {
		return nil, err
	}
	return conn{c}, nil
}

// dial dials as nats.go would without this dialer.
func (d dialer) dial(network, address string) (net.Conn, error) {
	switch {
	case d.custom != nil:
		return d.custom.Dial(network, address)
	case d.options.Dialer != nil:
		return d.options.Dialer.Dial(network, address)
	}
	return net.DialTimeout(network, address, d.options.Timeout)
}

// SkipTLSHandshake passes on what the program's dialer says.
func (d dialer) SkipTLSHandshake() bool {
	skipper, ok := d.custom.(interface{ SkipTLSHandshake() bool })
	return ok && skipper.SkipTLSHandshake()
}

type conn struct{ net.Conn }

func (c conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err != nil {
		_ = c.Conn.Close()
	}
	return n, err
}
