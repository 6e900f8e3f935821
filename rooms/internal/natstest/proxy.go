package natstest

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
)

// Proxy stands between a connection and the server, and breaks the network between them.
type Proxy = proxy.Proxy

// NewProxy starts a proxy before a server, and ends it after the test.
func NewProxy(t testing.TB, to proxy.Target) *Proxy {
	t.Helper()
	return proxy.New(t, to)
}
