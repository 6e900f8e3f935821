package wstest

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// The first rows are the samples of RFC 6455, section 5.7, with this package's
// masking key.
var frameTests = []struct {
	name  string
	frame Frame
	want  string // the bytes on the wire
}{
	{"unmasked text", Text("Hello").Unmasked(), "\x81\x05Hello"},
	{"masked text", Text("Hello"), "\x81\x85\xa1\x5b\x3c\x7e\xe9\x3e\x50\x12\xce"},
	{"first fragment", Text("Hel").More().Unmasked(), "\x01\x03Hel"},
	{"last fragment", Continuation("lo").Unmasked(), "\x80\x02lo"},
	{"ping", Ping("Hello").Unmasked(), "\x89\x05Hello"},
	{"pong", Pong("Hello").Unmasked(), "\x8a\x05Hello"},
	{"empty binary", Binary(nil), "\x82\x80\xa1\x5b\x3c\x7e"},
	{"close", Close(1000, "bye").Unmasked(), "\x88\x05\x03\xe8bye"},
	{"close with code 65535", Close(65535, "").Unmasked(), "\x88\x02\xff\xff"},
	{"close without body", CloseRaw(nil).Unmasked(), "\x88\x00"},
	{"close with one byte", CloseRaw([]byte{3}).Unmasked(), "\x88\x01\x03"},
	{"reserved bits", Text("").WithRsv(Rsv1 | Rsv2 | Rsv3).Unmasked(), "\xf1\x00"},
	{"reserved opcode", Text("").WithOpcode(0xF).Unmasked(), "\x8f\x00"},
	{"125 bytes", Text(strings.Repeat("a", 125)).Unmasked(), "\x81\x7d" +
		strings.Repeat("a", 125)},
	{"126 bytes", Text(strings.Repeat("a", 126)).Unmasked(), "\x81\x7e\x00\x7e" +
		strings.Repeat("a", 126)},
	{"65535 bytes", Text(strings.Repeat("a", 65535)).Unmasked(), "\x81\x7e\xff\xff" +
		strings.Repeat("a", 65535)},
	{"65536 bytes", Text(strings.Repeat("a", 65536)).Unmasked(),
		"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + strings.Repeat("a", 65536)},
	{"length of two bytes too many", Text("a").WithLength(2).Unmasked(),
		"\x81\x7e\x00\x01a"},
	{"length of eight bytes too many", Text("a").WithLength(8).Unmasked(),
		"\x81\x7f\x00\x00\x00\x00\x00\x00\x00\x01a"},
	{"65535 bytes, length of eight",
		Text(strings.Repeat("a", 65535)).WithLength(8).Unmasked(),
		"\x81\x7f\x00\x00\x00\x00\x00\x00\xff\xff" + strings.Repeat("a", 65535)},
	{"masked, long length", Ping("").WithLength(2),
		"\x89\xfe\x00\x00\xa1\x5b\x3c\x7e"},
}

func TestAppend(t *testing.T) {
	for _, tt := range frameTests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.frame.Append([]byte("x")); string(got) != "x"+tt.want {
				t.Errorf("Append() = %.40q, want %.40q", got, "x"+tt.want)
			}
		})
	}
}

func TestClaiming(t *testing.T) {
	for claim, want := range map[uint64]string{
		7:       "\x81\x07a",
		200:     "\x81\x7e\x00\xc8a",
		1 << 63: "\x81\x7f\x80\x00\x00\x00\x00\x00\x00\x00a",
	} {
		if got := Text("a").Claiming(claim).Unmasked().Append(nil); string(got) != want {
			t.Errorf("Claiming(%d) = %q, want %q", claim, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	got := Bytes(Text("a").Unmasked(), Ping("").Unmasked())
	if want := "\x81\x01a\x89\x00"; string(got) != want {
		t.Errorf("Bytes() = %q, want %q", got, want)
	}
}

// same reports whether two frames are the same on the wire, apart from masking keys.
func same(a, b Frame) bool {
	same := bytes.Equal(a.Payload, b.Payload)
	a.Payload, b.Payload = nil, nil
	return same && a.Fin == b.Fin && a.Rsv == b.Rsv && a.Opcode == b.Opcode &&
		a.Masked == b.Masked && a.Length == b.Length
}

func TestReadFrame(t *testing.T) {
	for _, tt := range frameTests {
		t.Run(tt.name, func(t *testing.T) {
			r := strings.NewReader(tt.want + "rest")
			got, err := ReadFrame(r)
			if err != nil || !same(got, tt.frame) {
				t.Errorf("ReadFrame() = %+v, %v, want %+v", got, err, tt.frame)
			}
			if r.Len() != len("rest") {
				t.Errorf("%d bytes are left, want %d", r.Len(), len("rest"))
			}
			for n := range min(len(tt.want), 16) {
				want := io.ErrUnexpectedEOF
				if n == 0 {
					want = io.EOF
				}
				if _, err := ReadFrame(strings.NewReader(tt.want[:n])); err != want {
					t.Errorf("ReadFrame() of the first %d bytes = %v, want %v", n, err,
						want)
				}
			}
		})
	}
	huge := Text("").Claiming(1 << 63).Append(nil)
	if _, err := ReadFrame(bytes.NewReader(huge)); err == nil ||
		err == io.ErrUnexpectedEOF {
		t.Errorf("ReadFrame() of a frame of 1<<63 bytes = %v, want an error about the "+
			"length", err)
	}
}

func FuzzReadFrame(f *testing.F) {
	for _, tt := range frameTests {
		f.Add([]byte(tt.want))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := ReadFrame(bytes.NewReader(b))
		if err != nil {
			return
		}
		again, err := ReadFrame(bytes.NewReader(first.Append(nil)))
		if err != nil || !same(first, again) {
			t.Errorf("ReadFrame(Append()) = %+v, %v, want %+v", again, err, first)
		}
	})
}
