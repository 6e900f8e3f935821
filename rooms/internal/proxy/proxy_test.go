package proxy_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/proxy"
)

// A proxy that breaks nothing is no bottleneck. With a small window of TCP, the kernel
// passed 32 KB/s, and histories failed long after all was mended.
func TestProxyIsFast(t *testing.T) {
	const size = 8 << 20
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("net.Listen = %v, want no error", err)
	}
	defer server.Close()
	conn, err := net.Dial("tcp", proxy.New(t, target{server}).Address())
	if err != nil {
		t.Fatalf("net.Dial = %v, want no error", err)
	}
	defer conn.Close()
	behind, err := server.Accept()
	if err != nil {
		t.Fatalf("Accept = %v, want no error", err)
	}
	defer behind.Close()
	limit := time.Now().Add(20 * time.Second) // a slow machine needs less than one
	conn.SetDeadline(limit)
	behind.SetDeadline(limit)
	go conn.Write(make([]byte, size))
	if n, err := io.CopyN(io.Discard, behind, size); err != nil {
		t.Fatalf("%d bytes came, and then %v, want %d", n, err, size)
	}
}

type target struct{ net.Listener }

func (t target) Address() string { return t.Addr().String() }
