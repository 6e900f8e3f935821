//go:build linux

package redistest

import (
	"fmt"
	"syscall"
	"testing"
)

// reserve returns an address on loopback that the system chooses, and keeps it until the
// end of the test: a socket that is bound, but does not listen, lets only those take the
// port who ask for it by number. So a server can be started there again.
func reserve(t testing.TB) string {
	t.Helper()
	port, err := reservePort(t)
	if err != nil {
		t.Fatalf("reserve a port: %v", err)
	}
	return fmt.Sprint("127.0.0.1:", port)
}

func reservePort(t testing.TB) (port int, err error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	t.Cleanup(func() { syscall.Close(socket) })
	err = syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1)
	if err != nil {
		return 0, err
	}
	err = syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	if err != nil {
		return 0, err
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		return 0, err
	}
	return bound.(*syscall.SockaddrInet4).Port, nil
}
