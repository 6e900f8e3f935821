// Package client opens websocket connections for the load: the least that a server
// accepts, and nothing that costs while the clock runs.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/frame"
)

// ErrHandshake is returned by Dial where a server answers anything but a plain 101.
var ErrHandshake = errors.New("client: handshake refused")

// Conn is one client. Write sends frames made by package frame; Reader takes the answers
// apart. One goroutine may write while another reads.
type Conn struct {
	*net.TCPConn
	*frame.Reader
}

// Options say what a client is like. The zero value is an ordinary one.
type Options struct {
	// ReadBuffer is the room for incoming frames in bytes, 16 KiB if zero. No frame may
	// be longer.
	ReadBuffer int
	// Deflate offers compression, without context takeover, and from then on wants
	// nothing else.
	Deflate bool
	// Window, in bytes, makes the kernel's receive buffer this small, so that a client
	// that does not read stalls its server soon. Zero leaves it to the kernel.
	Window int
	// Timeout is how long the connection may live in all, so that nothing can hang for
	// good. A minute if zero.
	Timeout time.Duration
}

// Dial connects to path at addr and shakes hands. A connection that is closed resets, so
// that thousands of them leave no ports in TIME_WAIT behind.
func Dial(ctx context.Context, addr, path string, o Options) (*Conn, error) {
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return shrink(c, o.Window)
	}}
	nc, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	tc := nc.(*net.TCPConn)
	_ = tc.SetLinger(0)
	_ = tc.SetDeadline(time.Now().Add(or(o.Timeout, time.Minute)))
	if err := handshake(tc, request(addr, path, o.Deflate)); err != nil {
		tc.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	r := frame.NewReader(tc, or(o.ReadBuffer, 16<<10))
	if o.Deflate {
		r.Inflate()
	}
	return &Conn{tc, r}, nil
}

func request(addr, path string, deflate bool) string {
	extensions := ""
	if deflate {
		extensions = "Sec-WebSocket-Extensions: permessage-deflate; " +
			"server_no_context_takeover; client_no_context_takeover\r\n"
	}
	return "GET " + path + " HTTP/1.1\r\nHost: " + addr + "\r\nOrigin: http://" + addr + "\r\n" +
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + extensions + "\r\n"
}

// handshake reads the response alone: no benchmarked server may send a frame before it
// has got one.
func handshake(c net.Conn, request string) error {
	if _, err := io.WriteString(c, request); err != nil {
		return err
	}
	buf := make([]byte, 4<<10)
	for n := 0; n < len(buf); {
		m, err := c.Read(buf[n:])
		if err != nil {
			return fmt.Errorf("%w: %w", ErrHandshake, err)
		}
		n += m
		if !bytes.Contains(buf[:n], []byte("\r\n\r\n")) {
			continue
		}
		if !bytes.HasPrefix(buf, []byte("HTTP/1.1 101 ")) ||
			!bytes.HasSuffix(buf[:n], []byte("\r\n\r\n")) {
			break
		}
		return nil
	}
	line, _, _ := bytes.Cut(buf, []byte("\r\n"))
	return fmt.Errorf("%w: %q", ErrHandshake, line)
}

// shrink sets the receive buffer before the connection is made: afterwards the window has
// been offered.
func shrink(c syscall.RawConn, window int) (err error) {
	if window == 0 {
		return nil
	}
	cerr := c.Control(func(fd uintptr) { err = setReceiveBuffer(fd, window) })
	return errors.Join(cerr, err)
}

func or[T comparable](v, otherwise T) T {
	if v == *new(T) {
		return otherwise
	}
	return v
}
