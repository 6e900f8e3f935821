package e2e

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// hostile lists frames that a client must not send. Each row has the code of
// the close frame and the handler's error. Fuzz targets start from these rows.
var hostile = []struct {
	name    string
	frames  []byte
	code    int   // in the close frame; 1006 for none
	is      error // the handler's error; nil for any error
	regular bool  // the end is regular, without an error
}{
	{name: "RSV1 without compression",
		frames: wstest.Bytes(wstest.Text("a").WithRsv(wstest.Rsv1)), code: 1002},
	{name: "RSV2", frames: wstest.Bytes(wstest.Text("a").WithRsv(wstest.Rsv2)),
		code: 1002},
	{name: "RSV3", frames: wstest.Bytes(wstest.Text("a").WithRsv(wstest.Rsv3)),
		code: 1002},
	{name: "RSV1 on a ping", frames: wstest.Bytes(wstest.Ping("a").WithRsv(wstest.Rsv1)),
		code: 1002},
	{name: "reserved opcode 3", frames: wstest.Bytes(wstest.Text("a").WithOpcode(3)),
		code: 1002},
	{name: "reserved opcode 7", frames: wstest.Bytes(wstest.Text("a").WithOpcode(7)),
		code: 1002},
	{name: "reserved opcode 11", frames: wstest.Bytes(wstest.Text("a").WithOpcode(11)),
		code: 1002},
	{name: "reserved opcode 15", frames: wstest.Bytes(wstest.Text("a").WithOpcode(15)),
		code: 1002},
	{name: "unmasked text", frames: wstest.Bytes(wstest.Text("a").Unmasked()),
		code: 1002},
	{name: "unmasked ping", frames: wstest.Bytes(wstest.Ping("a").Unmasked()),
		code: 1002},
	{name: "unmasked close", frames: wstest.Bytes(wstest.Close(1000, "").Unmasked()),
		code: 1002},
	{name: "fragmented ping", frames: wstest.Bytes(wstest.Ping("a").More()), code: 1002},
	{name: "fragmented close", frames: wstest.Bytes(wstest.Close(1000, "").More()),
		code: 1002},
	{name: "ping of 126 bytes",
		frames: wstest.Bytes(wstest.Ping(strings.Repeat("a", 126))), code: 1002},
	{name: "close of 126 bytes",
		frames: wstest.Bytes(wstest.Close(1000, strings.Repeat("a", 124))), code: 1002},
	{name: "continuation without a start", frames: wstest.Bytes(wstest.Continuation("a")),
		code: 1002},
	{name: "continuation after the end",
		frames: wstest.Bytes(wstest.Text("a"), wstest.Continuation("b")), code: 1002},
	{name: "text within a text",
		frames: wstest.Bytes(wstest.Text("a").More(), wstest.Text("b")), code: 1002},
	{name: "binary within a text",
		frames: wstest.Bytes(wstest.Text("a").More(), wstest.Ping("p"),
			wstest.Binary([]byte("b"))), code: 1002},
	{name: "RSV1 on a continuation",
		frames: wstest.Bytes(wstest.Text("a").More(),
			wstest.Continuation("b").WithRsv(wstest.Rsv1)), code: 1002},
	{name: "length not in its shortest form, 16 bits",
		frames: wstest.Bytes(wstest.Text("a").WithLength(wstest.Length16)), code: 1002},
	{name: "length not in its shortest form, 64 bits",
		frames: wstest.Bytes(
			wstest.Text(strings.Repeat("a", 300)).WithLength(wstest.Length64),
		), code: 1002},
	{name: "negative length", frames: wstest.Bytes(wstest.Text("a").Claiming(1 << 63)),
		code: 1002},

	{name: "invalid UTF-8, whole", frames: wstest.Bytes(wstest.Text("\xff")), code: 1007,
		is: sockets.ErrInvalidUTF8},
	{name: "invalid UTF-8 at the begin", frames: wstest.Bytes(wstest.Text("\x80abc")),
		code: 1007, is: sockets.ErrInvalidUTF8},
	{name: "invalid UTF-8 in the middle",
		frames: wstest.Bytes(wstest.Text("abc\xc3\x28def")), code: 1007,
		is: sockets.ErrInvalidUTF8},
	{name: "rune cut off at the end", frames: wstest.Bytes(wstest.Text("abc\xe2\x82")),
		code: 1007, is: sockets.ErrInvalidUTF8},
	{name: "surrogate", frames: wstest.Bytes(wstest.Text("\xed\xa0\x80")), code: 1007,
		is: sockets.ErrInvalidUTF8},
	{name: "overlong NUL", frames: wstest.Bytes(wstest.Text("\xc0\x80")), code: 1007,
		is: sockets.ErrInvalidUTF8},
	{name: "above U+10FFFF", frames: wstest.Bytes(wstest.Text("\xf4\x90\x80\x80")),
		code: 1007, is: sockets.ErrInvalidUTF8},
	{name: "rune broken by a fragment",
		frames: wstest.Bytes(wstest.Text("\xe2\x82").More(), wstest.Continuation("a")),
		code:   1007, is: sockets.ErrInvalidUTF8},
	{name: "rune cut off in the last fragment",
		frames: wstest.Bytes(wstest.Text("a").More(), wstest.Continuation("\xe2\x82")),
		code:   1007, is: sockets.ErrInvalidUTF8},
	{name: "invalid UTF-8 in a binary frame",
		frames: wstest.Bytes(wstest.Binary([]byte("\xff"))), code: 1007,
		is: sockets.ErrInvalidUTF8},

	{name: "message over the limit",
		frames: wstest.Bytes(wstest.Text(strings.Repeat("a", 1025))), code: 1009,
		is: websocket.ErrReadLimit},
	{name: "message over the limit in fragments",
		frames: wstest.Bytes(wstest.Text(strings.Repeat("a", 1000)).More(),
			wstest.Continuation(strings.Repeat("a", 25))), code: 1009,
		is: websocket.ErrReadLimit},
	{name: "frame that claims an exabyte",
		frames: wstest.Bytes(wstest.Text(strings.Repeat("a", 2000)).Claiming(1 << 60)),
		code:   1009, is: websocket.ErrReadLimit},

	{name: "close with a body of one byte",
		frames: wstest.Bytes(wstest.CloseRaw([]byte{3})), code: 1002},
	{name: "close with 0", frames: wstest.Bytes(wstest.Close(0, "")), code: 1002},
	{name: "close with 999", frames: wstest.Bytes(wstest.Close(999, "")), code: 1002},
	{name: "close with 1004", frames: wstest.Bytes(wstest.Close(1004, "")), code: 1002},
	{name: "close with 1005", frames: wstest.Bytes(wstest.Close(1005, "")), code: 1002},
	{name: "close with 1006", frames: wstest.Bytes(wstest.Close(1006, "")), code: 1002},
	{name: "close with 1015", frames: wstest.Bytes(wstest.Close(1015, "")), code: 1002},
	{name: "close with 1016", frames: wstest.Bytes(wstest.Close(1016, "")), code: 1002},
	{name: "close with 2999", frames: wstest.Bytes(wstest.Close(2999, "")), code: 1002},
	{name: "close with 5000", frames: wstest.Bytes(wstest.Close(5000, "")), code: 1002},
	{name: "close with 65535", frames: wstest.Bytes(wstest.Close(65535, "")), code: 1002},
	{name: "close with a reason that is not UTF-8",
		frames: wstest.Bytes(wstest.Close(1000, "\xff")), code: 1002},

	// Unusual but legal.
	{name: "close without a code", frames: wstest.Bytes(wstest.CloseRaw(nil)), code: 1005,
		regular: true},
	{name: "close with a reason of 123 bytes",
		frames: wstest.Bytes(wstest.Close(1000, strings.Repeat("a", 123))), code: 1000,
		regular: true},
	{name: "going away", frames: wstest.Bytes(wstest.Close(1001, "")), code: 1001,
		regular: true},
	{name: "close with 1011", frames: wstest.Bytes(wstest.Close(1011, "")), code: 1011},
	{name: "close with 3000", frames: wstest.Bytes(wstest.Close(3000, "")), code: 3000},
	{name: "close with 4999", frames: wstest.Bytes(wstest.Close(4999, "")), code: 4999},
}

// Contract 4.1, 4.2, 4.3, 4.4: each row ends its own connection with the right code
// and one error. Another connection goes on. Messages sent before are received.
func TestHostileFrames(t *testing.T) {
	wstest.NoLeaks(t)
	handler, outcomes := apptest.UntilDone()
	server := wstest.NewServer(t,
		apptest.Messages(handler, func(o *sockets.Options) {
			o.MaxMessageSize = 1024
		}))
	neighbour := server.Dial("/ws", nil)
	for _, test := range hostile {
		t.Run(test.name, func(t *testing.T) {
			client := server.Dial("/ws", nil)
			client.Send(wstest.Text("before"))
			client.SendBytes(test.frames)
			// A hostile client may go on sending, and must still receive the reason.
			client.SendBytes(bytes.Repeat([]byte{'x'}, 100))

			code, _ := client.ReadClose()
			client.Conn.Close()
			o := apptest.Next(t, "outcome", outcomes)

			if code != test.code {
				t.Errorf("close code = %d, want %d", code, test.code)
			}
			if test.regular != (o.Err == nil) || !test.regular && o.Errs != 1 ||
				test.is != nil && !errors.Is(o.Err, test.is) {
				t.Errorf("error = %v, %d of them, want %v, regular %t", o.Err, o.Errs,
					test.is, test.regular)
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
	wstest.NoLeaks(t)
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
			wstest.NoLeaks(t)
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
	for _, test := range hostile {
		f.Add(test.frames)
	}
	f.Add(wstest.Bytes(wstest.Text("a"), wstest.Ping("b"), wstest.Text("c").More(),
		wstest.Continuation("d")))
	f.Fuzz(func(t *testing.T, data []byte) {
		synctest.Test(t, func(t *testing.T) {
			server := wstest.NewMemoryServer(t,
				apptest.Messages(apptest.Echo[string], func(o *sockets.Options) {
					o.MaxMessageSize = 1024
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
