package frame

import (
	"bytes"
	"strings"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

var deflated = string(wstest.Deflate([]byte("hello, hello, hello")))

// violations lists frames that break the rules.
var violations = []struct {
	name    string
	frame   wstest.Frame
	before  []wstest.Frame // legal frames before it
	inflate bool
	shown   int // how many of its bytes make it certain
	want    string
}{
	{name: "RSV1 without compression", frame: wstest.Text("a").WithRsv(wstest.Rsv1),
		shown: 2, want: "reserved bit"},
	{name: "RSV2", frame: wstest.Text("a").WithRsv(wstest.Rsv2), shown: 2,
		want: "reserved bit"},
	{name: "RSV3", frame: wstest.Text("a").WithRsv(wstest.Rsv3), shown: 2,
		want: "reserved bit"},
	{name: "RSV1 and RSV2", frame: wstest.Text("a").WithRsv(wstest.Rsv1 | wstest.Rsv2),
		inflate: true, shown: 2, want: "reserved bit"},
	{name: "RSV1 on a ping", frame: wstest.Ping("a").WithRsv(wstest.Rsv1), inflate: true,
		shown: 2, want: "reserved bit"},
	{name: "RSV1 on a pong", frame: wstest.Pong("a").WithRsv(wstest.Rsv1), inflate: true,
		shown: 2, want: "reserved bit"},
	{name: "RSV1 on a close frame", frame: wstest.CloseRaw(nil).WithRsv(wstest.Rsv1),
		inflate: true, shown: 2, want: "reserved bit"},
	{name: "RSV1 on a continuation", frame: wstest.Continuation("a").WithRsv(wstest.Rsv1),
		before: []wstest.Frame{wstest.Text("a").More()}, inflate: true, shown: 6,
		want: "RSV1 on a continuation"},
	{name: "RSV1 on a compressed continuation",
		frame:   wstest.Continuation(deflated[4:]).WithRsv(wstest.Rsv1),
		before:  []wstest.Frame{wstest.Text(deflated[:4]).WithRsv(wstest.Rsv1).More()},
		inflate: true, shown: 6, want: "RSV1 on a continuation"},

	{name: "opcode 3", frame: wstest.Text("a").WithOpcode(3), shown: 2, want: "opcode"},
	{name: "opcode 7", frame: wstest.Text("a").WithOpcode(7), shown: 2, want: "opcode"},
	{name: "opcode 11", frame: wstest.Text("a").WithOpcode(11), shown: 2, want: "opcode"},
	{name: "opcode 15", frame: wstest.Text("a").WithOpcode(15), shown: 2, want: "opcode"},
	{name: "not masked", frame: wstest.Text("a").Unmasked(), shown: 2,
		want: "not masked"},
	{name: "ping not masked", frame: wstest.Ping("").Unmasked(), shown: 2,
		want: "not masked"},

	{name: "ping in fragments", frame: wstest.Ping("a").More(), shown: 2,
		want: "fragmented control"},
	{name: "close in fragments", frame: wstest.Close(1000, "").More(), shown: 2,
		want: "fragmented control"},
	{name: "ping of 126 bytes", frame: wstest.Ping(a(126)), shown: 2,
		want: "control frame over 125"},
	{name: "pong of 65536 bytes", frame: wstest.Pong(a(65536)), shown: 2,
		want: "control frame over 125"},
	{name: "close of 126 bytes", frame: wstest.Close(1000, a(124)), shown: 2,
		want: "control frame over 125"},
	{name: "close of one byte", frame: wstest.CloseRaw([]byte{3}), shown: 2,
		want: "half a code"},

	{name: "5 bytes, length in 2",
		frame: wstest.Text("hello").WithLength(2), shown: 8,
		want: "shortest form"},
	{name: "125 bytes, length in 2",
		frame: wstest.Text(a(125)).WithLength(2), shown: 8,
		want: "shortest form"},
	{name: "0 bytes, length in 8", frame: wstest.Text("").WithLength(8),
		shown: 14, want: "shortest form"},
	{name: "65535 bytes, length in 8",
		frame: wstest.Text(a(65535)).WithLength(8), shown: 14,
		want: "shortest form"},
	{name: "negative length", frame: wstest.Text("a").Claiming(1 << 63), shown: 14,
		want: "highest bit"},
	{name: "negative length, no payload", frame: wstest.Text("").Claiming(1 << 63),
		shown: 14, want: "highest bit"},
	{name: "length of all bits", frame: wstest.Text("a").Claiming(1<<64 - 1), shown: 14,
		want: "highest bit"},

	{name: "continuation of no message", frame: wstest.Continuation("a"), shown: 6,
		want: "continuation of no message"},
	{name: "continuation after the end", frame: wstest.Continuation("a"),
		before: []wstest.Frame{wstest.Text("a").More(), wstest.Continuation("b")},
		shown:  6, want: "continuation of no message"},
	{name: "text within a message", frame: wstest.Text("a"),
		before: []wstest.Frame{wstest.Text("a").More()}, shown: 6,
		want: "new message before the end"},
	{name: "binary within a message", frame: wstest.Binary(nil),
		before: []wstest.Frame{wstest.Text("a").More(), wstest.Ping("")}, shown: 6,
		want: "new message before the end"},
	{name: "compressed text within a compressed one",
		frame:   wstest.Text(deflated).WithRsv(wstest.Rsv1),
		before:  []wstest.Frame{wstest.Text(deflated).WithRsv(wstest.Rsv1).More()},
		inflate: true, shown: 6, want: "new message before the end"},

	{name: "close with 999", frame: wstest.Close(999, ""), shown: 8, want: "close code"},
	{name: "close with 0", frame: wstest.Close(0, ""), shown: 8, want: "close code"},
	{name: "close with 1004", frame: wstest.Close(1004, ""), shown: 8,
		want: "close code"},
	{name: "close with 1005", frame: wstest.Close(1005, ""), shown: 8,
		want: "close code"},
	{name: "close with 1006", frame: wstest.Close(1006, ""), shown: 8,
		want: "close code"},
	{name: "close with 1015", frame: wstest.Close(1015, ""), shown: 8,
		want: "close code"},
	{name: "close with 2999", frame: wstest.Close(2999, ""), shown: 8,
		want: "close code"},
	{name: "close with 5000", frame: wstest.Close(5000, ""), shown: 8,
		want: "close code"},
	{name: "close with 65535", frame: wstest.Close(65535, ""), shown: 8,
		want: "close code"},
	{name: "reason that is not UTF-8", frame: wstest.Close(1000, "\xff"), shown: 9,
		want: "close reason"},
	{name: "reason that is cut off", frame: wstest.Close(1000, "\xf0\x9f"), shown: 10,
		want: "close reason"},
}

// Contract 4.2: a violation is reported after the byte that makes it certain,
// and not before.
func TestViolations(t *testing.T) {
	for _, test := range violations {
		t.Run(test.name, func(t *testing.T) {
			before := wstest.Bytes(test.before...)
			stream := test.frame.Append(before)
			shown := len(before) + min(test.shown, len(stream)-len(before))
			o := Options{Inflate: test.inflate}
			for _, way := range ways {
				_, err := events(way.over(upTo(stream[:shown])), o)
				if faultCode(err) != 1002 || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: error = %v, want 1002, %q", way.name, err, test.want)
				}
				if _, err = events(way.over(upTo(stream[:shown-1])), o); err != errMore {
					t.Errorf("%s: a byte earlier error = %v, want %v", way.name, err,
						errMore)
				}
			}
		})
	}
}

// Contract 3.8: whatever was wrong, Drain drops all that follows, and parses none of it.
func TestDrainAfterViolations(t *testing.T) {
	for _, test := range violations {
		t.Run(test.name, func(t *testing.T) {
			stream := test.frame.Append(wstest.Bytes(test.before...))
			last := wstest.Bytes(wstest.Text(a(300)), wstest.Ping("after"),
				wstest.Close(1000, ""))
			for _, way := range ways {
				src := bytes.NewReader(append(bytes.Clone(stream), last...))
				parsed := false
				o := Options{Inflate: test.inflate, OnControl: func(_ byte, p []byte) {
					parsed = parsed || string(p) == "after"
				}}
				r := NewReader(NewBuffer(way.over(src), 0), o)
				for err := error(nil); err == nil; {
					_, err = r.Next()
				}

				r.Drain()

				if src.Len() > 0 || parsed {
					t.Errorf("%s: Drain() left %d bytes, parsed a ping: %t", way.name,
						src.Len(), parsed)
				}
			}
		})
	}
}

func ignore(byte, []byte) {}
