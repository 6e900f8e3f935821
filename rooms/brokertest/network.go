package brokertest

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Network describes an implementation to [Run]. Only Connect is required;
// what needs another field that is nil is not tested.
type Network struct {
	// Connect returns a new broker on the network, like that of another process.
	Connect func(t *testing.T) rooms.Broker

	// Stop stops the network and Start starts it again, such as by killing a server and
	// starting it at the same address. They may return before the brokers have noticed.
	Stop, Start func(t *testing.T)

	// Subscriptions returns the number of subscriptions of all brokers on the network.
	Subscriptions func() int
}
