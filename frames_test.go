package sockets

import (
	"bytes"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// frameRows are streams of frames, what may go on of them, and what is wrong behind that.
var frameRows = []struct {
	name   string
	stream []byte
	passes int // -1: all
	want   error
}{
	{"nothing", nil, -1, nil},
	{"text", wstest.Bytes(wstest.Text("hello")), -1, nil},
	{"empty", wstest.Bytes(wstest.Text("")), -1, nil},
	{"unmasked", wstest.Bytes(wstest.Text("hello").Unmasked()), -1, nil},
	{"125 bytes", wstest.Bytes(wstest.Binary(make([]byte, 125))), -1, nil},
	{"126 bytes", wstest.Bytes(wstest.Binary(make([]byte, 126))), -1, nil},
	{"65535 bytes", wstest.Bytes(wstest.Binary(make([]byte, 65535))), -1, nil},
	{"65536 bytes", wstest.Bytes(wstest.Binary(make([]byte, 65536))), -1, nil},
	{"compressed", wstest.Bytes(wstest.Text("a").WithRsv(wstest.Rsv1), wstest.Binary(nil).WithRsv(wstest.Rsv1)), -1, nil},
	{"fragments with a ping", wstest.Bytes(wstest.Text("a").More(), wstest.Ping("p"), wstest.Continuation("b")), -1, nil},
	{"close", wstest.Bytes(wstest.CloseRaw(nil), wstest.Close(1000, ""), wstest.Close(1000, "bye")), -1, nil},
	{"half a frame", wstest.Bytes(wstest.Text("hello"))[:4], -1, nil},
	{"half a header", []byte{0x81, 0xfe, 0}, -1, nil},
	{"claims much", wstest.Bytes(wstest.Text("a").Claiming(1<<63 - 1)), -1, nil},
	{"violation in a payload", wstest.Bytes(wstest.Binary([]byte{0x88, 0x81, 0, 0, 0, 0, 0})), -1, nil},
	// Gorilla's to find.
	{"reserved opcode", wstest.Bytes(wstest.Text("a").WithOpcode(3)), -1, nil},
	{"reserved bit 2", wstest.Bytes(wstest.Text("a").WithRsv(wstest.Rsv2)), -1, nil},
	{"long ping", wstest.Bytes(wstest.Ping(string(make([]byte, 126)))), -1, nil},

	{"close of one byte", wstest.Bytes(wstest.CloseRaw([]byte{3})), 1, errShortClose},
	{"close of one byte behind a message", wstest.Bytes(wstest.Text("hello"), wstest.CloseRaw([]byte{3})), 12, errShortClose},
	{"compressed continuation", wstest.Bytes(wstest.Text("a").More(), wstest.Continuation("b").WithRsv(wstest.Rsv1)), 8, errReservedBit},
	{"compressed ping", wstest.Bytes(wstest.Ping("").WithRsv(wstest.Rsv1)), 1, errReservedBit},
	{"compressed pong", wstest.Bytes(wstest.Pong("").WithRsv(wstest.Rsv1)), 1, errReservedBit},
	{"compressed close", wstest.Bytes(wstest.CloseRaw(nil).WithRsv(wstest.Rsv1)), 1, errReservedBit},
	{"5 bytes, length in 2", wstest.Bytes(wstest.Text("hello").WithLength(wstest.Length16)), 3, errLongLength},
	{"125 bytes, length in 2", wstest.Bytes(wstest.Binary(make([]byte, 125)).WithLength(wstest.Length16)), 3, errLongLength},
	{"5 bytes, length in 8", wstest.Bytes(wstest.Text("hello").WithLength(wstest.Length64)), 9, errLongLength},
	{"65535 bytes, length in 8", wstest.Bytes(wstest.Binary(make([]byte, 65535)).WithLength(wstest.Length64)), 9, errLongLength},
	{"negative length", wstest.Bytes(wstest.Text("a").Claiming(1 << 63)), 9, errNegativeLength},
	{"length of all bits", wstest.Bytes(wstest.Text("a").Claiming(1<<64 - 1)), 9, errNegativeLength},
}

// Contract 4.2: the violations that gorilla does not look for are found, wherever the network splits the bytes.
func TestFrameCheck(t *testing.T) {
	for _, test := range frameRows {
		t.Run(test.name, func(t *testing.T) {
			want := test.passes
			if want < 0 {
				want = len(test.stream)
			}
			for _, size := range []int{1, 2, 3, 7, 1 << 20} {
				if passes, err := scanIn(test.stream, size); passes != want || err != test.want {
					t.Errorf("scan in pieces of %d = %d, %v, want %d, %v", size, passes, err, want, test.want)
				}
			}
		})
	}
}

// scanIn gives stream to a check in pieces, as far as it passes.
func scanIn(stream []byte, size int) (passes int, err error) {
	var c frameCheck
	for len(stream) > 0 && err == nil {
		piece := stream[:min(size, len(stream))]
		stream = stream[len(piece):]
		var n int
		n, err = c.scan(piece, nil)
		passes += n
	}
	// Whoever reads on behind a violation, to discard, still gets nothing else.
	for range 20 {
		if n, again := c.scan([]byte{0x81, 0}, nil); err != nil && (n > 0 || again != err) {
			return passes + n, again
		}
	}
	return passes, err
}

// FuzzFrameCheck: whatever a client sends, and however the network splits it, the check says the same; and where it
// finds nothing, it agrees with a plain reader of frames in where they begin.
func FuzzFrameCheck(f *testing.F) {
	for _, row := range frameRows {
		if len(row.stream) < 1000 {
			f.Add(row.stream, 3)
		}
	}
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		size = max(1, size)
		whole, wantErr := scanIn(stream, max(1, len(stream)))

		if passes, err := scanIn(stream, size); passes != whole || err != wantErr {
			t.Errorf("scan in pieces of %d = %d, %v, want %d, %v", size, passes, err, whole, wantErr)
		}
		if wantErr == nil && whole != len(stream) {
			t.Errorf("scan = %d, nil, want all of %d bytes", whole, len(stream))
		}
		if wantErr == nil {
			agree(t, stream)
		}
	})
}

// agree reads frames from stream, and looks whether a check is between two frames there, too.
func agree(t *testing.T, stream []byte) {
	t.Helper()
	var c frameCheck
	r := bytes.NewReader(stream)
	for r.Len() > 0 {
		begin := len(stream) - r.Len()
		frame, err := wstest.ReadFrame(r)
		if err != nil {
			return
		}
		c.scan(stream[begin:len(stream)-r.Len()], nil)
		if c.have != 0 || c.payload != 0 {
			t.Errorf("behind %v of %x the check is at byte %d of a header, %d before its end", frame, stream, c.have, c.payload)
		}
	}
}
