package e2e

import (
	"bytes"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/hostile"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// errorOf returns the handler's error for the code of a hostile row, or nil for any.
func errorOf(code int) error {
	return map[int]error{1007: sockets.ErrInvalidUTF8, 1009: websocket.ErrReadLimit}[code]
}

// Contract 4.1, 4.2, 4.3, 4.4: each row ends its own connection with the right code
// and one error. Another connection goes on. Messages sent before are received.
func TestHostileFrames(t *testing.T) {
	handler, outcomes := apptest.UntilDone()
	server := wstest.NewServer(t,
		apptest.Messages(handler, func(o *sockets.Options) {
			o.MaxMessageSize = hostile.MaxMessageSize
		}))
	neighbour := server.Dial("/ws", nil)
	for _, test := range hostile.Rows {
		t.Run(test.Name, func(t *testing.T) {
			client := server.Dial("/ws", nil)
			client.Send(wstest.Text("before"))
			client.SendBytes(test.Frames)
			// A hostile client may go on sending, and must still receive the reason.
			client.SendBytes(bytes.Repeat([]byte{'x'}, 100))

			code, _ := client.ReadClose()
			client.Conn.Close()
			o := apptest.Next(t, "outcome", outcomes)

			if code != test.Code {
				t.Errorf("close code = %d, want %d", code, test.Code)
			}
			regular, is := test.Regular(), errorOf(test.Code)
			if regular != (o.Err == nil) || !regular && o.Errs != 1 ||
				is != nil && !errors.Is(o.Err, is) {
				t.Errorf("error = %v, %d of them, want %v, regular %t", o.Err, o.Errs, is,
					regular)
			}
			if len(o.Received) == 0 || o.Received[0] != "before" {
				t.Errorf("received = %q, want what was sent before", o.Received)
			}
		})
	}
	neighbour.Send(wstest.Close(1000, ""))
	neighbour.ReadClose()
}

// Contract 4.2: the limit is for the size after decompression.
func TestInflatingMessage(t *testing.T) {
	client, outcomes := compressing(t)
	bomb := wstest.Compressed(wstest.OpText, bytes.Repeat([]byte("a"), 10<<20))
	if len(bomb.Payload) > 20<<10 {
		t.Fatalf("the bomb has %d bytes", len(bomb.Payload))
	}

	client.Send(wstest.Compressed(wstest.OpText, []byte("small")), bomb)

	code, _ := client.ReadClose()
	client.Conn.Close()
	o := apptest.Next(t, "outcome", outcomes)
	if code != 1009 || !errors.Is(o.Err, websocket.ErrReadLimit) ||
		len(o.Received) != 1 || o.Received[0] != "small" {
		t.Errorf("close code = %d, error = %v, received %q, want 1009, ErrReadLimit "+
			"and the message before", code, o.Err, o.Received)
	}
}

// Contract 4.2, 4.3: the rules also hold with compression.
func TestHostileCompression(t *testing.T) {
	whole := func(s string) wstest.Frame {
		return wstest.Compressed(wstest.OpText, []byte(s))
	}
	deflated := string(wstest.Deflate([]byte("hello, hello, hello")))
	for _, test := range []struct {
		name   string
		frames []wstest.Frame
		code   int
	}{
		{"not UTF-8", []wstest.Frame{whole("\xff")}, 1007},
		{"corrupt", []wstest.Frame{wstest.Text("\xff\xff\xff").WithRsv(wstest.Rsv1)},
			1002},
		{"cut off", []wstest.Frame{wstest.Text(deflated[:4]).WithRsv(wstest.Rsv1)}, 1002},
		{"RSV1 on a continuation",
			[]wstest.Frame{wstest.Text(deflated[:4]).WithRsv(wstest.Rsv1).More(),
				wstest.Continuation(deflated[4:]).WithRsv(wstest.Rsv1)}, 1002},
		{"RSV1 on a ping", []wstest.Frame{wstest.Ping("").WithRsv(wstest.Rsv1)}, 1002},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, outcomes := compressing(t)

			client.Send(test.frames...)

			code, _ := client.ReadClose()
			client.Conn.Close()
			if o := apptest.Next(t, "outcome", outcomes); code != test.code ||
				o.Errs != 1 || len(o.Received) > 0 {
				t.Errorf("close code = %d, %d errors (%v), received %q, want %d, one "+
					"error, nothing", code, o.Errs, o.Err, o.Received, test.code)
			}
		})
	}
}

// compressing returns a client with compression, and what its handler sees.
func compressing(t *testing.T) (*wstest.Raw, <-chan apptest.Outcome) {
	handler, outcomes := apptest.UntilDone()
	server := wstest.NewServer(t, apptest.Messages(handler, func(o *sockets.Options) {
		o.Upgrader = &websocket.Upgrader{EnableCompression: true}
	}))
	return server.Dial("/ws",
		http.Header{"Sec-Websocket-Extensions": {"permessage-deflate"}}), outcomes
}

// FuzzConnection sends a connection arbitrary bytes after its handshake. The
// connection must not panic, hang or leak. It may send pongs, messages and at
// most one close frame with a legal code, and nothing after that.
func FuzzConnection(f *testing.F) {
	for _, test := range hostile.Rows {
		f.Add(test.Frames)
	}
	f.Add(wstest.Bytes(wstest.Text("a"), wstest.Ping("b"), wstest.Text("c").More(),
		wstest.Continuation("d")))
	f.Fuzz(func(t *testing.T, data []byte) {
		synctest.Test(t, func(t *testing.T) {
			server := wstest.NewMemoryServer(t,
				apptest.Messages(apptest.Echo[string], func(o *sockets.Options) {
					o.MaxMessageSize = hostile.MaxMessageSize
				}), 0)
			client := server.Dial("/ws", nil)
			client.SendBytes(data)
			client.CloseWrite()

			for {
				frame, err := client.NextFrame()
				if err != nil {
					return
				}
				if frame.Masked || frame.Rsv != 0 || !frame.Fin {
					t.Errorf("the library sent %v", frame)
				}
				if frame.Opcode != wstest.OpClose {
					continue
				}
				if code, _, err := frame.CloseCode(); err != nil || !legal[code] &&
					(code < 3000 || code > 4999) {
					t.Errorf("close frame = %d, %v", code, err)
				}
				if frame, err := client.NextFrame(); err == nil {
					t.Errorf("after its close frame the library sent %v", frame)
				}
				return
			}
		})
	})
}

// legal lists the codes below 3000 that a client may receive (RFC 6455, 7.4).
// 1005 stands for no code.
var legal = map[int]bool{1000: true, 1001: true, 1002: true, 1003: true, 1005: true,
	1007: true, 1008: true, 1009: true, 1010: true, 1011: true, 1012: true, 1013: true,
	1014: true}
