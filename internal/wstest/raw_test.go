package wstest

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/mempipe"
)

// echo sends back what it receives, until the client is gone.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	conn, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		kind, p, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, p); err != nil {
			return
		}
	}
})

// hijack calls test with the server's end of the first connection, after the
// request was read.
func hijack(t *testing.T, serve func(conn net.Conn)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Errorf("Hijack() = %v, want nil", err)
			return
		}
		defer conn.Close()
		serve(conn)
	})
}

// networks runs a test over loopback TCP, and in a bubble in memory.
func networks(t *testing.T, test func(t *testing.T, l *Listener)) {
	t.Run("tcp", func(t *testing.T) {
		NoLeaks(t)
		test(t, Count(ListenTCP()))
	})
	t.Run("memory", func(t *testing.T) {
		NoLeaks(t)
		synctest.Test(t, func(t *testing.T) { test(t, Count(mempipe.Listen(0))) })
	})
}

func TestRawEcho(t *testing.T) {
	networks(t, func(t *testing.T, l *Listener) {
		raw := Serve(t, l, &http.Server{Handler: echo}).Dial("/", nil)
		raw.Send(Text("a").More(), Ping("p"), Continuation("b"), Close(1000, "bye"))
		if f := raw.ReadFrame(); f.Opcode != OpPong || string(f.Payload) != "p" {
			t.Errorf("ReadFrame() = %v, want the pong", f)
		}
		if op, p := raw.ReadMessage(); op != OpText || string(p) != "ab" {
			t.Errorf("ReadMessage() = %d, %q, want %d, \"ab\"", op, p, OpText)
		}
		if code, reason := raw.ReadClose(); code != 1000 || reason != "" {
			t.Errorf("ReadClose() = %d, %q, want 1000, \"\"", code, reason)
		}
		if err := raw.ReadEnd(); err != io.EOF {
			t.Errorf("ReadEnd() = %v, want EOF", err)
		}
	})
}

// rawEndsTest is a row of TestRawEnds.
type rawEndsTest struct {
	name string
	end  func(raw *Raw)
	read string
	want error
}

// TestRawEnds ends the connection in each way that a client can, while the
// server has three bytes left to read.
func TestRawEnds(t *testing.T) {
	tests := []rawEndsTest{
		{"Vanish", (*Raw).Vanish, "abc", nil},
		{"CloseWrite", (*Raw).CloseWrite, "abc", nil},
		{"Reset", (*Raw).Reset, "", syscall.ECONNRESET},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func (tt rawEndsTest) run(t *testing.T) {
	networks(t, func(t *testing.T, l *Listener) {
		ended, hijacked := make(chan struct{}), make(chan struct{})
		h := hijack(t, func(conn net.Conn) {
			close(hijacked)
			<-ended
			got, err := io.ReadAll(conn)
			// After a reset the system decides what can still be read.
			if !errors.Is(err, tt.want) || tt.want == nil &&
				string(got) != tt.read {
				t.Errorf("ReadAll() = %q, %v, want %q, %v", got, err, tt.read,
					tt.want)
			}
		})
		raw := Serve(t, l, &http.Server{Handler: h}).Connect()
		raw.SendBytes([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
		<-hijacked
		raw.SendBytes([]byte("abc"))
		tt.end(raw)
		close(ended)
	})
}

// rawFailuresTest is a row of TestRawFailures.
type rawFailuresTest struct {
	name   string
	answer string // sent by the server, which then reads to the end
	do     func(raw *Raw)
	want   string
}

// TestRawFailures shows that a broken server fails a test instead of hanging it.
func TestRawFailures(t *testing.T) {
	const switching = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " +
		sampleAccept + "\r\n\r\n"
	upgraded := func(frames ...Frame) string {
		return switching + string(Bytes(frames...))
	}
	read := func(raw *Raw) { raw.Upgrade("/", nil); raw.ReadFrame() }
	readMessage := func(raw *Raw) { raw.Upgrade("/", nil); raw.ReadMessage() }
	readClose := func(raw *Raw) { raw.Upgrade("/", nil); raw.ReadClose() }
	readEnd := func(raw *Raw) { raw.Upgrade("/", nil); raw.ReadEnd() }
	tests := []rawFailuresTest{
		{"no response", "", func(raw *Raw) { raw.Handshake("/", nil) }, "i/o timeout"},
		{"no HTTP", "hello\r\n\r\n", func(raw *Raw) { raw.Handshake("/", nil) },
			"malformed HTTP"},
		{"refused", "HTTP/1.1 403 Forbidden\r\n\r\n",
			func(raw *Raw) { raw.Upgrade("/", nil) }, "403 Forbidden, want 101"},
		{"wrong key", strings.Replace(switching, "=", "", 1),
			func(raw *Raw) { raw.Upgrade("/", nil) }, "Sec-WebSocket-Accept"},
		{"no frame", upgraded(), read, "i/o timeout"},
		{"half a frame", upgraded(Text("abc"))[:len(switching)+3], read, "i/o timeout"},
		{"no message", upgraded(Ping("")), readMessage, "i/o timeout"},
		{"fragment first", upgraded(Continuation("")), readMessage, "out of order"},
		{"message in a message", upgraded(Text("").More(), Text("")), readMessage,
			"out of order"},
		{"close in a message", upgraded(Text("ab").More(), Close(1000, "")), readMessage,
			"close 1000 \"\" after 2 bytes"},
		{"no close frame", upgraded(Text("a"), Text("b")), readClose,
			"after 2 other frames"},
		{"malformed close frame", upgraded(CloseRaw([]byte{3})), readClose,
			"body of one byte"},
		{"no end", upgraded(), readEnd, "still open"},
		{"no end, drained", upgraded(Ping("")),
			func(raw *Raw) { raw.Upgrade("/", nil); raw.Drain() }, "still open"},
		{"too much", upgraded(Ping("")),
			func(raw *Raw) {
				raw.Upgrade("/", nil)
				raw.CloseWrite()
				raw.ReadEnd()
			}, "want nothing"},
		{"closed", "", func(raw *Raw) { raw.Vanish(); raw.Send(Text("")) },
			"use of closed"},
		{"reset when closed", "", func(raw *Raw) { raw.Vanish(); raw.Reset() },
			"use of closed"},
		{"half closed when closed", "", func(raw *Raw) { raw.Vanish(); raw.CloseWrite() },
			"use of closed"},
		{"server never reads", "", func(raw *Raw) { raw.SendBytes(make([]byte, 1<<20)) },
			"i/o timeout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, tt.run)
	}
}

func (tt rawFailuresTest) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := mempipe.Pipe(0)
		defer server.Close()
		server.Write([]byte(tt.answer))
		go func() { // ends with the client's connection
			if !strings.Contains(tt.name, "never reads") {
				io.Copy(io.Discard, server)
				server.Close()
			}
		}()
		start := time.Now()
		got := strings.Join(Record(func(tb testing.TB) {
			tt.do(Over(tb, client, "host"))
		}), "\n")
		if !strings.Contains(got, tt.want) {
			t.Errorf("failures = %q, want %q in it", got, tt.want)
		}
		if waited := time.Since(start); waited > Wait {
			t.Errorf("waited %v, want %v at the most", waited, Wait)
		}
	})
}

func TestRawErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := mempipe.Pipe(0)
		raw := Over(t, client, "host")
		raw.Wait = time.Hour
		start := time.Now()
		if _, err := raw.NextFrame(); !errors.Is(err, os.ErrDeadlineExceeded) ||
			time.Since(start) != time.Hour {
			t.Errorf("NextFrame() = %v after %v, want a timeout after 1h", err,
				time.Since(start))
		}
		server.Close()
		if err := raw.TrySend(Text("")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("TrySend() = %v, want %v", err, syscall.EPIPE)
		}
	})
}
