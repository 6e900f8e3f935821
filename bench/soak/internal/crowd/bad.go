package crowd

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
	"github.com/beatrichartz/martini-sockets/internal/hostile"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// hostileFrames sends frames that are wrong after some that are right, and at times more
// behind them. It wants the code; answers to the right ones come before it, if they come.
func hostileFrames(l *life) error {
	row := hostile.Rows[l.rand.IntN(len(hostile.Rows))]
	before := l.rand.IntN(4)
	p := append(frames(before, right), row.Frames...)
	// A server that has already refused may end the connection while this is being
	// written.
	_, _ = l.NetConn().Write(append(p, frames(l.rand.IntN(3), "behind")...))
	if err := l.wantClose(row.Code, before); err != nil {
		return fmt.Errorf("%s: %w", row.Name, err)
	}
	return nil
}

// frames returns n times the frame of a text.
func frames(n int, text string) []byte {
	return bytes.Repeat(wstest.Bytes(wstest.Text(text)), n)
}

// rude is a client that sends something, and then leaves in its own way. What a server
// owes to it is nothing, so writing may fail.
func rude(send func(*life) []byte, leave func(*life) error) func(*life) error {
	return func(l *life) error {
		_ = l.NetConn().SetWriteDeadline(time.Now().Add(l.Stall / 2))
		_, _ = l.NetConn().Write(send(l))
		l.pause(l.Pause / 10)
		return leave(l)
	}
}

// half is some messages, of which the last is cut off.
func half(l *life) []byte {
	all := frames(1+l.rand.IntN(5), target.Say+noise+l.text(0))
	return all[:l.rand.IntN(len(all))]
}

func flood(*life) []byte { return frames(10000, strings.Repeat("flood", 200)) }

func large(l *life) []byte {
	return frames(l.rand.IntN(4), target.Say+noise+strings.Repeat("x", 9000))
}

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
func vanish(l *life) error { return tcp(l.NetConn()).Close() }
func reset(l *life) error {
	_ = tcp(l.NetConn()).SetLinger(0)
	return vanish(l)
}

// stall reads nothing and does nothing at all.
func stall(l *life) error {
	_ = tcp(l.NetConn()).SetReadBuffer(2 << 10)
	l.pause(l.Stall)
	return reset(l)
}

// halfClose closes the sending side, and wants the server to end as well.
func halfClose(l *life) error {
	side := l.NetConn().(interface{ CloseWrite() error }) // TCP, or TLS
	if err := side.CloseWrite(); err != nil {
		return err
	}
	_ = l.SetReadDeadline(time.Now().Add(l.Patience))
	if _, err := io.Copy(io.Discard, l.NetConn()); errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("the server has not ended the connection in %v", l.Patience)
	}
	return nil
}

// slowWriter sends a message byte by byte, and is a good client in all else.
func slowWriter(l *life) error {
	for _, b := range frames(1, "slow but whole") {
		l.pause(l.Pause / 5)
		if _, err := l.NetConn().Write([]byte{b}); err != nil {
			return err
		}
	}
	return errors.Join(l.want([]byte("slow but whole")), l.end())
}

// refusedHandshake comes from a page of elsewhere.
func refusedHandshake(l *life) error {
	_, response, err := l.dial("http://elsewhere.example")
	if response == nil || response.StatusCode != http.StatusForbidden {
		return fmt.Errorf("from elsewhere: %w, %+v, want 403", err, response)
	}
	return nil
}
