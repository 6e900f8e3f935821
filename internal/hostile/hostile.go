// Package hostile lists what clients must not send, or hardly ever do, for the tests of
// connections, for fuzz targets and for the soak.
package hostile

import (
	"strings"

	ws "github.com/beatrichartz/martini-sockets/internal/wstest"
)

// MaxMessageSize is the limit of the server that the rows are for.
const MaxMessageSize = 1024

// Row is what a client sends after good messages, and the code that the close frame of
// the server must have: 1005 stands for none.
type Row struct {
	Name   string
	Code   int
	Frames []byte
}

// Regular reports whether the connection ends without an error.
func (r Row) Regular() bool { return r.Code == 1000 || r.Code == 1001 || r.Code == 1005 }

var a = ws.Text("a")

// Rows end a connection that has no compression.
var Rows = []Row{
	row("RSV1 without compression", 1002, a.WithRsv(ws.Rsv1)),
	row("RSV2", 1002, a.WithRsv(ws.Rsv2)),
	row("RSV3", 1002, a.WithRsv(ws.Rsv3)),
	row("RSV1 on a ping", 1002, ws.Ping("a").WithRsv(ws.Rsv1)),
	row("reserved opcode 3", 1002, a.WithOpcode(3)),
	row("reserved opcode 7", 1002, a.WithOpcode(7)),
	row("reserved opcode 11", 1002, a.WithOpcode(11)),
	row("reserved opcode 15", 1002, a.WithOpcode(15)),
	row("unmasked text", 1002, a.Unmasked()),
	row("unmasked ping", 1002, ws.Ping("a").Unmasked()),
	row("unmasked close", 1002, ws.Close(1000, "").Unmasked()),
	row("fragmented ping", 1002, ws.Ping("a").More()),
	row("fragmented close", 1002, ws.Close(1000, "").More()),
	row("ping of 126 bytes", 1002, ws.Ping(long(126))),
	row("close of 126 bytes", 1002, ws.Close(1000, long(124))),
	row("continuation without a start", 1002, ws.Continuation("a")),
	row("continuation after the end", 1002, a, ws.Continuation("b")),
	row("text within a text", 1002, a.More(), ws.Text("b")),
	row("binary within a text", 1002, a.More(), ws.Ping("p"), ws.Binary([]byte("b"))),
	row("RSV1 on a continuation", 1002, a.More(), ws.Continuation("b").WithRsv(ws.Rsv1)),
	row("length not in its shortest form, 16 bits", 1002, a.WithLength(2)),
	row("length not in its shortest form, 64 bits", 1002,
		ws.Text(long(300)).WithLength(8)),
	row("negative length", 1002, a.Claiming(1<<63)),

	row("invalid UTF-8, whole", 1007, ws.Text("\xff")),
	row("invalid UTF-8 at the begin", 1007, ws.Text("\x80abc")),
	row("invalid UTF-8 in the middle", 1007, ws.Text("abc\xc3\x28def")),
	row("rune cut off at the end", 1007, ws.Text("abc\xe2\x82")),
	row("surrogate", 1007, ws.Text("\xed\xa0\x80")),
	row("overlong NUL", 1007, ws.Text("\xc0\x80")),
	row("above U+10FFFF", 1007, ws.Text("\xf4\x90\x80\x80")),
	row("rune broken by a fragment", 1007,
		ws.Text("\xe2\x82").More(), ws.Continuation("a")),
	row("rune cut off in the last fragment", 1007, a.More(), ws.Continuation("\xe2\x82")),
	row("invalid UTF-8 in a binary frame", 1007, ws.Binary([]byte("\xff"))),

	row("message over the limit", 1009, ws.Text(long(MaxMessageSize+1))),
	row("message over the limit in fragments", 1009,
		ws.Text(long(MaxMessageSize-24)).More(), ws.Continuation(long(25))),
	row("frame that claims an exabyte", 1009, ws.Text(long(2000)).Claiming(1<<60)),

	row("close with a body of one byte", 1002, ws.CloseRaw([]byte{3})),
	row("close with 0", 1002, ws.Close(0, "")),
	row("close with 999", 1002, ws.Close(999, "")),
	row("close with 1004", 1002, ws.Close(1004, "")),
	row("close with 1005", 1002, ws.Close(1005, "")),
	row("close with 1006", 1002, ws.Close(1006, "")),
	row("close with 1015", 1002, ws.Close(1015, "")),
	row("close with 1016", 1002, ws.Close(1016, "")),
	row("close with 2999", 1002, ws.Close(2999, "")),
	row("close with 5000", 1002, ws.Close(5000, "")),
	row("close with 65535", 1002, ws.Close(65535, "")),
	row("close with a reason that is not UTF-8", 1002, ws.Close(1000, "\xff")),

	// Unusual but legal.
	row("close without a code", 1005, ws.CloseRaw(nil)),
	row("close with a reason of 123 bytes", 1000, ws.Close(1000, long(123))),
	row("going away", 1001, ws.Close(1001, "")),
	row("close with 1011", 1011, ws.Close(1011, "")),
	row("close with 3000", 3000, ws.Close(3000, "")),
	row("close with 4999", 4999, ws.Close(4999, "")),
}

func long(n int) string { return strings.Repeat("a", n) }

func row(name string, code int, frames ...ws.Frame) Row {
	return Row{Name: name, Code: code, Frames: ws.Bytes(frames...)}
}
