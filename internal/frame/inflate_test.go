package frame

import (
	"bytes"
	"compress/flate"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// finalBlock compresses p and ends with a final block.
func finalBlock(p string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	io.WriteString(w, p)
	w.Close()
	return b.String()
}

// stored returns p in a block without compression, which an encoder may choose.
func stored(p string, final byte) string {
	n := len(p)
	head := []byte{final, byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}
	return string(head) + p
}

// RFC 7692, 7.2.3: every way to compress a message is read, in fragments cut anywhere.
func TestInflate(t *testing.T) {
	open := func(p string) string { return string(wstest.Deflate([]byte(p))) }
	for _, test := range []struct {
		name string
		data string
		want string
	}{
		{name: "one block", data: open("hello"), want: "hello"},
		// The examples of RFC 7692, 7.2.3.
		{name: "7.2.3.1", data: "\xf2\x48\xcd\xc9\xc9\x07\x00", want: "Hello"},
		{name: "7.2.3.3, stored", data: "\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
			want: "Hello"},
		{name: "7.2.3.4, final", data: "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", want: "Hello"},
		{name: "7.2.3.5, two blocks", want: "Hello",
			data: "\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"},
		{name: "7.2.3.6, empty", data: "\x00", want: ""},
		{name: "final, without the byte after it", data: finalBlock("hello"),
			want: "hello"},
		{name: "final, stored", data: stored("hello", 1), want: "hello"},
		{name: "final, an open block after it", data: finalBlock("hello, ") +
			open("world"), want: "hello, world"},
		{name: "three final ones", want: "hello, hello, hello",
			data: finalBlock("hello, ") + finalBlock("hello, ") + finalBlock("hello") +
				"\x00"},
		{name: "empty final ones", want: "a", data: finalBlock("") + finalBlock("a") +
			finalBlock("") + "\x00"},
		{name: "flushed between", want: "ab", data: open("a") + "\x00\x00\xff\xff" +
			open("b")},
		{name: "noise", data: open(string(noise(5000))), want: string(noise(5000))},
		{name: "more than the window", want: strings.Repeat("0123456789", 10000),
			data: open(strings.Repeat("0123456789", 10000))},
	} {
		t.Run(test.name, func(t *testing.T) {
			frame := wstest.Binary([]byte(test.data)).WithRsv(wstest.Rsv1)
			for name, fragments := range cuts(frame) {
				stream, between := interleave(name, fragments)
				between = append(between, "m "+test.want, "m after")
				wanted := slices.Insert(between, 0, "m before")
				wantEvents(t, stream, Options{Inflate: true}, wanted, io.EOF)
			}
		})
	}
}

// corruptCompressionTest is a row of TestCorruptCompression.
type corruptCompressionTest struct {
	name string
	data string
}

// RFC 7692, 7.2.2: data that cannot be inflated is refused, cut off or not.
// After that the pooled inflater still works.
func TestCorruptCompression(t *testing.T) {
	for _, test := range []corruptCompressionTest{
		{name: "reserved block type", data: "\xff\xff\xff"},
		{name: "stored length", data: "\x00\x05\x00\x00\x00hello"},
		{name: "cut off", data: deflated[:4]},
		{name: "no payload", data: ""}, // an empty message has one byte (7.2.3.6)
		{name: "stored, cut off", data: stored(a(100), 0)[:20]},
		{name: "distance too far", data: "\x03\x02\x00"},
		{name: "final, then garbage", data: finalBlock("hello") + "\xff\xff"},
	} {
		t.Run(test.name, test.run)
	}
}

func (test corruptCompressionTest) run(t *testing.T) {
	frame := wstest.Binary([]byte(test.data)).WithRsv(wstest.Rsv1)
	for name, fragments := range cuts(frame) {
		stream := wstest.Bytes(append(fragments, wstest.Close(1001, ""))...)
		for _, way := range ways {
			r := NewReader(NewBuffer(way.over(upTo(stream)), 0),
				Options{Inflate: true})
			m, err := r.Next()
			if faultCode(err) != 1002 || m.Data != nil {
				t.Errorf("%s, %s: Next() = %q, %v, want 1002", name, way.name,
					m.Data, err)
			}
		}
	}
	healthy := wstest.Bytes(wstest.Compressed(wstest.OpText, []byte("healthy")))
	wantEvents(t, healthy, Options{Inflate: true}, []string{"m healthy"}, io.EOF)
}

// A fault in the frames of a compressed message is reported as that fault, not
// as one of the compression.
func TestFaultWithinCompressed(t *testing.T) {
	first := wstest.Text(deflated[:4]).WithRsv(wstest.Rsv1).More()
	for _, test := range []struct {
		name string
		next wstest.Frame
		want string
	}{
		{name: "violation", next: wstest.Text("a").WithRsv(wstest.Rsv2),
			want: "reserved bit"},
		{name: "new message", next: wstest.Text("a"), want: "new message before the end"},
		{name: "too big", next: wstest.Continuation("a").Claiming(1 << 50),
			want: "read limit"},
		{name: "close", next: wstest.Close(1001, "bye"), want: "1001 (going away): bye"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, way := range ways {
				src := way.over(bytes.NewReader(wstest.Bytes(first, test.next)))
				_, err := events(src, Options{Inflate: true, Limit: 1000})
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: error = %v, want %q", way.name, err, test.want)
				}
			}
		})
	}
}

// Contract 4.2: a small message that inflates to a large one gets no more
// memory than the limit, and what package flate inflates at once.
func TestBomb(t *testing.T) {
	bomb := wstest.Compressed(wstest.OpText, []byte(a(10<<20)))
	for _, borrow := range []bool{false, true} {
		src := bytes.NewReader(wstest.Bytes(bomb))
		r := NewReader(NewBuffer(src, 0),
			Options{Inflate: true, Limit: 100_000, Borrow: borrow})
		before := allocated()
		_, err := r.Next()
		if got := allocated() - before; faultCode(err) != 1009 || got > 1<<20 {
			t.Errorf("Next() = %v with %d bytes, want 1009 with less than 1 MiB", err,
				got)
		}
	}
}
