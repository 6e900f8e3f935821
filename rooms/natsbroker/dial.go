package natsbroker

import (
	"net"

	"github.com/nats-io/nats.go"
)

// dialer opens network connections that end with the first write that fails.
//
// A write that is cut short by its deadline may have sent half a frame. nats.go goes on
// with the next one, the server takes that for the other half and refuses the stream,
// and nats.go then closes the connection for good, whatever MaxReconnect says. A network
// connection that is closed at once cannot send another byte, so nats.go reconnects.
type dialer struct {
	options *nats.Options     // as they are when Connect has applied them all
	custom  nats.CustomDialer // of the program, if it had set one
}

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	c, err := d.dial(network, address)
	if err != nil {
		return nil, err
	}
	return conn{c}, nil
}

// dial does what nats.go does without a CustomDialer.
func (d dialer) dial(network, address string) (net.Conn, error) {
	switch {
	case d.custom != nil:
		return d.custom.Dial(network, address)
	case d.options.Dialer != nil:
		return d.options.Dialer.Dial(network, address)
	}
	return net.DialTimeout(network, address, d.options.Timeout)
}

// SkipTLSHandshake tells nats.go what the program's dialer tells it.
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
