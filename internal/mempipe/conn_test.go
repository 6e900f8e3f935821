package mempipe

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// endTest is a row of TestEnd.
type endTest struct {
	name                string
	end                 func(own, peer *Conn)
	ownRead, ownWrite   error
	peerRead, peerWrite error
	left                string // what the peer can read before peerRead
}

// TestEnd ends a connection in each way, and checks what both ends can do then.
// The peer has 3 bytes to read.
func TestEnd(t *testing.T) {
	tests := []endTest{
		{
			name:    "Close",
			end:     func(own, peer *Conn) { own.Close() },
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: io.EOF, peerWrite: syscall.EPIPE, left: "abc",
		},
		{
			name:    "CloseWrite",
			end:     func(own, peer *Conn) { own.CloseWrite() },
			ownRead: os.ErrDeadlineExceeded, ownWrite: syscall.EPIPE,
			peerRead: io.EOF, peerWrite: nil, left: "abc",
		},
		{
			name:    "CloseWrite, then Close",
			end:     func(own, peer *Conn) { own.CloseWrite(); own.Close() },
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: io.EOF, peerWrite: syscall.EPIPE, left: "abc",
		},
		{
			name:    "CloseWrite by both",
			end:     func(own, peer *Conn) { own.CloseWrite(); peer.CloseWrite() },
			ownRead: io.EOF, ownWrite: syscall.EPIPE,
			peerRead: io.EOF, peerWrite: syscall.EPIPE, left: "abc",
		},
		{
			name:    "Close by both",
			end:     func(own, peer *Conn) { own.Close(); peer.Close() },
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: net.ErrClosed, peerWrite: net.ErrClosed,
		},
		{
			name:    "reset",
			end:     func(own, peer *Conn) { own.SetLinger(0); own.Close() },
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: syscall.ECONNRESET, peerWrite: syscall.EPIPE,
		},
		{
			name: "reset after CloseWrite",
			end: func(own, peer *Conn) {
				own.CloseWrite()
				own.SetLinger(0)
				own.Close()
			},
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: syscall.ECONNRESET, peerWrite: syscall.EPIPE,
		},
		{
			name: "reset taken back",
			end: func(own, peer *Conn) {
				own.SetLinger(0)
				own.SetLinger(-1)
				own.Close()
			},
			ownRead: net.ErrClosed, ownWrite: net.ErrClosed,
			peerRead: io.EOF, peerWrite: syscall.EPIPE, left: "abc",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func (tt endTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own, peer := Pipe(0)
		own.Write([]byte("abc"))
		own.SetDeadline(time.Now().Add(time.Minute))
		tt.end(own, peer)
		if _, err := own.Write([]byte("x")); !errors.Is(err, tt.ownWrite) {
			t.Errorf("own Write() = %v, want %v", err, tt.ownWrite)
		}
		if _, err := peer.Write(nil); !errors.Is(err, tt.peerWrite) {
			t.Errorf("peer's Write() = %v, want %v", err, tt.peerWrite)
		}
		if _, err := own.Read(make([]byte, 1)); !errors.Is(err, tt.ownRead) {
			t.Errorf("own Read() = %v, want %v", err, tt.ownRead)
		}
		if left, err := readAll(peer); !errors.Is(err, tt.peerRead) ||
			string(left) != tt.left {
			t.Errorf("peer's Read() = %q, %v, want %q, %v", left, err, tt.left,
				tt.peerRead)
		}
	})
}

func TestClosedConn(t *testing.T) {
	own, _ := Pipe(0)
	if err := own.Close(); err != nil {
		t.Fatalf("Close() = %v, want nil", err)
	}
	calls := map[string]error{
		"Close":            own.Close(),
		"CloseWrite":       own.CloseWrite(),
		"SetLinger":        own.SetLinger(0),
		"SetDeadline":      own.SetDeadline(time.Time{}),
		"SetReadDeadline":  own.SetReadDeadline(time.Time{}),
		"SetWriteDeadline": own.SetWriteDeadline(time.Time{}),
	}
	for name, err := range calls {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s() = %v, want %v", name, err, net.ErrClosed)
		}
	}
}

func TestErrorText(t *testing.T) {
	client, server := Pipe(0)
	server.Close()
	_, err := client.Write([]byte("x"))
	if want := "write mem 192.0.2.2:1->192.0.2.1:80: write: broken pipe"; err == nil ||
		err.Error() != want {
		t.Errorf("Write() = %v, want %s", err, want)
	}
}

// TestRaces calls everything at once, for the race detector.
func TestRaces(t *testing.T) {
	client, server := Pipe(16)
	var wg sync.WaitGroup
	for _, c := range []*Conn{client, server} {
		for i := range 3 {
			wg.Go(func() { readAll(c) })
			wg.Go(func() { c.Write(make([]byte, 1000)) })
			wg.Go(func() {
				c.SetReadDeadline(time.Now().Add(time.Duration(i) * time.Millisecond))
				c.SetWriteDeadline(time.Now().Add(time.Duration(i) * time.Millisecond))
				c.SetDeadline(time.Now().Add(5 * time.Millisecond))
			})
			wg.Go(func() { _, _ = c.LocalAddr(), c.RemoteAddr() })
		}
	}
	wg.Go(func() { client.CloseWrite(); client.Close() })
	wg.Wait()
}
