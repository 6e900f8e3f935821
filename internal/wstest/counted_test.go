package wstest

import (
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/mempipe"
)

func TestCount(t *testing.T) {
	networks(t, func(t *testing.T, l *Listener) {
		raw := Serve(t, l, &http.Server{Handler: echo}).Dial("/", nil)
		conn := l.Conn(t)
		writes := conn.Writes()
		for range 3 {
			raw.Send(Text("hello"))
			raw.ReadMessage()
		}
		if got := conn.Writes() - writes; got != 3 {
			t.Errorf("Writes() = %d more, want 3", got)
		}
	})
}

// pipe returns the server's end of a connection that counts.
func pipe(t *testing.T) *Conn {
	t.Helper()
	mem := mempipe.Listen(0)
	l := Count(mem)
	go mem.Dial(t.Context())
	if _, err := l.Accept(); err != nil {
		t.Fatalf("Accept() = %v, want nil", err)
	}
	conn := l.Conn(t)
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestHeldUp(t *testing.T) {
	stall := (*Conn).Stall
	slow := func(c *Conn) { c.Slow(2 * time.Second) }
	tests := []struct {
		name string
		hold func(c *Conn)
		then func(c *Conn) // called after a second
		want error
		wait time.Duration
	}{
		{"stalled, resumed", stall, (*Conn).Resume, nil, time.Second},
		{"stalled, closed", stall, func(c *Conn) { c.Close() }, net.ErrClosed,
			time.Second},
		{"stalled, deadline", stall, func(c *Conn) { c.SetWriteDeadline(time.Now()) },
			os.ErrDeadlineExceeded, time.Second},
		{"stalled, both deadlines", stall,
			func(c *Conn) {
				c.SetDeadline(time.Now().Add(time.Second))
			}, os.ErrDeadlineExceeded, 2 * time.Second},
		{"slow", slow, func(c *Conn) {}, nil, 2 * time.Second},
		{"slow, closed", slow, func(c *Conn) { c.Close() }, net.ErrClosed, time.Second},
		{"slow, deadline", slow, func(c *Conn) { c.SetWriteDeadline(time.Now()) },
			os.ErrDeadlineExceeded, time.Second},
		{"slow, stalled", slow,
			func(c *Conn) {
				c.Stall()
				time.AfterFunc(3*time.Second, c.Resume)
			}, nil, 4 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := pipe(t)
				tt.hold(c)
				start := time.Now()
				time.AfterFunc(time.Second, func() { tt.then(c) })
				_, err := c.Write([]byte("x"))
				if !errors.Is(err, tt.want) || time.Since(start) != tt.wait {
					t.Errorf("Write() = %v after %v, want %v after %v", err,
						time.Since(start), tt.want, tt.wait)
				}
				if got := c.Writes(); got != 1 {
					t.Errorf("Writes() = %d, want 1", got)
				}
			})
		})
	}
}

// The server's end can be reset and half closed, like the wrapped connection.
func TestCountPassesOn(t *testing.T) {
	networks(t, func(t *testing.T, l *Listener) {
		h := hijack(t, func(conn net.Conn) {
			if err := conn.(*Conn).SetLinger(0); err != nil {
				t.Errorf("SetLinger() = %v, want nil", err)
			}
			if err := conn.(*Conn).CloseWrite(); err != nil {
				t.Errorf("CloseWrite() = %v, want nil", err)
			}
		})
		raw := Serve(t, l, &http.Server{Handler: h}).Connect()
		raw.SendBytes([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		raw.ReadEnd()
	})
}

func TestListenerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Count(mempipe.Listen(0))
		if failures := Record(func(tb testing.TB) { l.Conn(tb) }); len(failures) != 1 {
			t.Errorf("Conn(): failures = %q, want one", failures)
		}
		l.Close()
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept() = %v, want %v", err, net.ErrClosed)
		}
	})
}
