//go:build unix

// Package port reserves ports for servers that a test starts by number, or starts again.
package port

import (
	"net"
	"syscall"
	"testing"
)

// Reserve returns an address on loopback that the system chooses, and keeps it until the
// end of the test. It binds a socket that does not listen. Then a server can listen on
// the port if it asks for that number; one that asks for any port gets another.
func Reserve(tb testing.TB) *net.TCPAddr {
	tb.Helper()
	loopback := [4]byte{127, 0, 0, 1}
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatalf("reserve a port: %v", err)
		}
	}
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	must(err)
	syscall.CloseOnExec(socket) // a child that has it already only keeps the port
	tb.Cleanup(func() { syscall.Close(socket) })
	must(syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1))
	must(syscall.Bind(socket, &syscall.SockaddrInet4{Addr: loopback}))
	bound, err := syscall.Getsockname(socket)
	must(err)
	return &net.TCPAddr{IP: loopback[:], Port: bound.(*syscall.SockaddrInet4).Port}
}
