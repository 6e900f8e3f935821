package crowd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
	"github.com/beatrichartz/martini-sockets/internal/hostile"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// hostileFrames sends frames that are wrong after some that are right, and at times more
// behind them. It wants the code; answers to the right ones come before it, if they come.
func hostileFrames(l *life) error {
	row := hostile.Rows[l.rand.IntN(len(hostile.Rows))]
	c, err := l.dial(target.Small, false)
	if err != nil {
		return err
	}
	defer c.Close()
	before := l.rand.IntN(4)
	p := append(frames(before, right), row.Frames...)
	// A server that has already refused may end the connection while this is being
	// written.
	_, _ = c.NetConn().Write(append(p, frames(l.rand.IntN(3), "behind")...))
	if err := l.wantClose(c, row.Code, before); err != nil {
		return fmt.Errorf("%s: %w", row.Name, err)
	}
	return nil
}

// frames returns n times the frame of a text.
func frames(n int, text string) (all []byte) {
	for range n {
		all = wstest.Text(text).Append(all)
	}
	return all
}

// rude is a client that sends something, and then leaves in its own way. What a server
// owes to it is nothing, so writing may fail.
func rude(path string, send func(*life) []byte, leave func(*life, *websocket.Conn) error,
) func(*life) error {
	return func(l *life) error {
		at := path
		if strings.HasSuffix(path, "/") {
			at += l.roomName()
		}
		c, err := l.dial(at, false)
		if err != nil {
			return err
		}
		defer c.Close()
		_ = c.NetConn().SetWriteDeadline(time.Now().Add(l.Stall / 2))
		_, _ = c.NetConn().Write(send(l))
		l.pause(l.Pause / 10)
		return leave(l, c)
	}
}

// half is some messages, of which the last is cut off.
func half(l *life) []byte {
	all := frames(1+l.rand.IntN(5), target.Say+noise+l.text(0))
	return all[:l.rand.IntN(len(all))]
}

func some(l *life) []byte  { return frames(l.rand.IntN(5), "half") }
func flood(*life) []byte   { return frames(10000, strings.Repeat("flood", 200)) }
func large(l *life) []byte { return frames(l.rand.IntN(4), target.Say+noise+strings.Repeat("x", 9000)) }

// noJSON is no JSON, or more than one value.
func noJSON(l *life) []byte {
	bad := []string{"{", `{"text":1}`, `{"text":"a"} {"text":"b"}`, "", "nonsense"}
	return frames(1, bad[l.rand.IntN(len(bad))])
}

// tcp is the TCP connection beneath one that may be TLS.
func tcp(c net.Conn) *net.TCPConn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return c.(*net.TCPConn)
}

// vanish closes TCP without a word, and reset with a reset.
func vanish(_ *life, c *websocket.Conn) error { return tcp(c.NetConn()).Close() }
func reset(l *life, c *websocket.Conn) error {
	_ = tcp(c.NetConn()).SetLinger(0)
	return vanish(l, c)
}

// stall reads nothing and does nothing at all.
func stall(l *life, c *websocket.Conn) error {
	_ = tcp(c.NetConn()).SetReadBuffer(2 << 10)
	l.pause(l.Stall)
	return reset(l, c)
}

// halfClose closes the sending side, and wants the server to end as well.
func halfClose(l *life, c *websocket.Conn) error {
	side := c.NetConn().(interface{ CloseWrite() error }) // TCP, or TLS
	if err := side.CloseWrite(); err != nil {
		return err
	}
	return l.drain(c.NetConn())
}

// drain reads until the server has ended the connection, however it does that.
func (l *life) drain(c net.Conn) error {
	_ = c.SetReadDeadline(time.Now().Add(l.Patience))
	_, err := io.Copy(io.Discard, c)
	if nerr := net.Error(nil); errors.As(err, &nerr) && nerr.Timeout() {
		return fmt.Errorf("the server has not ended the connection in %v", l.Patience)
	}
	return nil
}

// slowWriter sends a message byte by byte, and is a good client in all else.
func slowWriter(l *life) error {
	c, err := l.dial(target.Text, false)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, b := range frames(1, "slow but whole") {
		l.pause(l.Pause / 5)
		if _, err := c.NetConn().Write([]byte{b}); err != nil {
			return err
		}
	}
	if err := l.want(c, websocket.TextMessage, []byte("slow but whole")); err != nil {
		return err
	}
	return l.end(c, target.Text, websocket.TextMessage)
}

// unfinishedHandshake sends a part of a request, and leaves, or waits for the server to
// end, but no longer than a client may do nothing.
func unfinishedHandshake(l *life) error {
	address := l.Target.Address(l.secure)
	c, err := net.DialTimeout("tcp", address, l.Patience)
	if err != nil {
		return err
	}
	defer c.Close()
	end := c.(*net.TCPConn)
	_ = c.SetDeadline(time.Now().Add(2 * l.Patience))
	if l.secure {
		c = tls.Client(c, l.Target.TLS())
	}
	request := "GET " + target.Text + " HTTP/1.1\r\nHost: " + address + "\r\nOrigin: http://" +
		address + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
	if _, err := io.WriteString(c, request[:l.rand.IntN(len(request))]); err != nil {
		return l.late(err)
	}
	switch l.rand.IntN(3) {
	case 0:
		_ = end.SetLinger(0)
	case 1:
		_ = c.SetReadDeadline(time.Now().Add(l.Stall))
		_, _ = io.Copy(io.Discard, c)
	}
	return nil
}

// refusedHandshake comes from a page of elsewhere.
func refusedHandshake(l *life) error {
	_, response, err := l.dialFrom("http://elsewhere.example", target.Text, false)
	if response == nil || response.StatusCode != http.StatusForbidden {
		return l.late(fmt.Errorf("from elsewhere: %w, %+v, want 403", err, response))
	}
	return nil
}

// noTLS sends to a TLS port what is no TLS.
func noTLS(l *life) error {
	c, err := net.DialTimeout("tcp", l.Target.Address(true), l.Patience)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := io.WriteString(c, strings.Repeat("no TLS", 1+l.rand.IntN(100))); err != nil {
		return nil // the server has seen enough
	}
	return l.drain(c)
}
