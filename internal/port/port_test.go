//go:build unix

package port_test

import (
	"net"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/port"
)

// A server can listen on the number, again and again. Servers that ask for any port never
// get it. Linux gives those ports of one parity first, some 14,000, so it asks for more.
func TestReserve(t *testing.T) {
	address := port.Reserve(t).String()
	for range 2 {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatalf("Listen(%q) = %v, want no error", address, err)
		}
		l.Close()
	}
	for range 20_000 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatalf("Listen = %v, want no error", err)
		}
		if got := l.Addr().String(); got == address {
			t.Fatalf("another listener has %s, which is reserved", got)
		}
		l.Close()
	}
}
