package frame

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// Contract 4.2: once the lengths of the frames add up to too much, the message
// is refused at that header, before its payload.
func TestTooBig(t *testing.T) {
	rsv1 := byte(wstest.Rsv1)
	for _, test := range []struct {
		name   string
		frames []wstest.Frame // the last one is only a header
		limit  int64
	}{
		{name: "one over", frames: []wstest.Frame{wstest.Text(a(101))}, limit: 100},
		{name: "one over, binary",
			frames: []wstest.Frame{wstest.Binary(make([]byte, 101))}, limit: 100},
		{name: "over the longest buffer", limit: 65536,
			frames: []wstest.Frame{wstest.Text("").Claiming(65537)}},
		{name: "2^62", frames: []wstest.Frame{wstest.Text("").Claiming(1 << 62)},
			limit: 100},
		{name: "the longest", frames: []wstest.Frame{wstest.Text("").Claiming(1<<63 - 1)},
			limit: 1<<63 - 2},
		{name: "sum", limit: 100, frames: []wstest.Frame{
			wstest.Text(a(60)).More(), wstest.Ping(""), wstest.Continuation(a(41)),
		}},
		{name: "sum, not finished", limit: 100, frames: []wstest.Frame{
			wstest.Text(a(60)).More(), wstest.Continuation("").More(),
			wstest.Continuation(a(41)).More(),
		}},
		{name: "sum with 2^62", limit: 100, frames: []wstest.Frame{
			wstest.Text(a(60)).More(), wstest.Continuation("").Claiming(1 << 62),
		}},
		{name: "sum that overflows", limit: 1<<63 - 1, frames: []wstest.Frame{
			wstest.Text("a").More(), wstest.Continuation("").Claiming(1<<63 - 1),
		}},
		{name: "sum that overflows, no limit", limit: 0, frames: []wstest.Frame{
			wstest.Text("a").More(), wstest.Continuation("").Claiming(1<<63 - 1),
		}},
		{name: "compressed", limit: 1000,
			frames: []wstest.Frame{wstest.Text("").WithRsv(rsv1).Claiming(1000 + 125 +
				1024 + 1)}},
		{name: "compressed, 2^62", limit: 1000,
			frames: []wstest.Frame{wstest.Text("").WithRsv(rsv1).Claiming(1 << 62)}},
		{name: "compressed, sum with 2^62", limit: 1000, frames: []wstest.Frame{
			wstest.Text(deflated).WithRsv(rsv1).More(),
			wstest.Continuation("").Claiming(1 << 62),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			last := test.frames[len(test.frames)-1]
			stream := wstest.Bytes(test.frames...)
			stream = stream[:len(stream)-len(last.Payload)]
			o := Options{Inflate: true, Limit: test.limit}
			for _, way := range ways {
				_, err := events(way.over(upTo(stream)), o)
				if faultCode(err) != 1009 || !errors.Is(err, websocket.ErrReadLimit) {
					t.Errorf("%s: error = %v, want 1009, ErrReadLimit", way.name, err)
				}
			}
		})
	}
}

// The limit is for the data of one message after decompression.
func TestLimit(t *testing.T) {
	text := []byte(a(100))
	flushed := wstest.Deflate(noise(5000)) // not smaller than the message
	for _, test := range []struct {
		name  string
		frame wstest.Frame
		limit int64
		want  bool
	}{
		{name: "exact", frame: wstest.Text(a(100)), limit: 100, want: true},
		{name: "over", frame: wstest.Text(a(100)), limit: 99},
		{name: "none", frame: wstest.Text(a(100)), limit: 0, want: true},
		{name: "negative", frame: wstest.Text(a(100)), limit: -1, want: true},
		{name: "the longest", frame: wstest.Text(a(100)), limit: math.MaxInt64,
			want: true},
		{name: "compressed, exact", frame: wstest.Compressed(wstest.OpText, text),
			limit: 100, want: true},
		{name: "compressed, over", frame: wstest.Compressed(wstest.OpText, text),
			limit: 99},
		{name: "compressed, none", frame: wstest.Compressed(wstest.OpText, text),
			want: true},
		{name: "compressed, the longest", frame: wstest.Compressed(wstest.OpText, text),
			limit: math.MaxInt64, want: true},
		{name: "compressed noise, exact", limit: 5000, want: true,
			frame: wstest.Binary(flushed).WithRsv(wstest.Rsv1)},
		{name: "compressed noise, over", limit: 4999,
			frame: wstest.Binary(flushed).WithRsv(wstest.Rsv1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			for name, fragments := range cuts(test.frame) {
				o := Options{Inflate: true, Limit: test.limit}
				// The size of the first message does not count for the second.
				stream := bytes.Repeat(wstest.Bytes(fragments...), 2)
				got, err := events(bytes.NewReader(stream), o)
				if test.want && (len(got) != 2 || err != io.EOF) {
					t.Errorf("%s: %d messages, error %v, want 2", name, len(got), err)
				}
				if !test.want && (len(got) > 0 || faultCode(err) != 1009) {
					t.Errorf("%s: %d messages, error %v, want 1009", name, len(got), err)
				}
			}
		})
	}
}

// badTexts are texts that cannot be UTF-8, and the number of bytes that shows it.
var badTexts = []struct {
	name  string
	text  string
	shown int
}{
	{name: "no first byte", text: "ab\xffcd", shown: 3},
	{name: "continuation first", text: "\x80abcd", shown: 1},
	{name: "four continuations", text: "aé\x80\x80\x80\x80", shown: 4},
	{name: "a fifth byte", text: "😀\x80abc", shown: 5},
	{name: "no continuation", text: "ab\xc3cd", shown: 4},
	{name: "two of three", text: "\xe2\x82abc", shown: 3},
	{name: "overlong 2", text: "\xc0\x80abc", shown: 1},
	{name: "overlong 3", text: "\xe0\x80\x80abc", shown: 2},
	{name: "overlong 4", text: "\xf0\x80\x80\x80abc", shown: 2},
	{name: "surrogate", text: "a\xed\xa0\x80abc", shown: 3},
	{name: "too large", text: "\xf4\x90\x80\x80abc", shown: 2},
	{name: "far too large", text: "\xf5\x80\x80\x80abc", shown: 1},
	{name: "after much", text: a(70000) + "€\xffabc", shown: 70004},
	{name: "cut off", text: "ab\xe2\x82", shown: 4},
	{name: "cut off, 4", text: "\xf0\x9f\x98", shown: 3},
}

// Contract 4.2, 4.3: the fault is reported at the byte that shows it, in one
// frame and in fragments cut anywhere. A text that is only cut off is reported
// at the end of the message.
func TestInvalidUTF8(t *testing.T) {
	for _, test := range badTexts {
		t.Run(test.name, func(t *testing.T) {
			cutOff := test.shown == len(test.text)
			for name, fragments := range cuts(wstest.Text(test.text)) {
				stream := wstest.Bytes(fragments...)
				shown := stream
				if !cutOff {
					shown = stream[:endOf(fragments, test.shown)]
				}
				shownByLastByte(t, name, shown)
			}
		})
	}
}

// shownByLastByte wants the last byte of stream to show that a text is not UTF-8.
func shownByLastByte(t *testing.T, name string, stream []byte) {
	t.Helper()
	for _, way := range ways {
		_, err := events(way.over(upTo(stream)), Options{})
		if faultCode(err) != 1007 || !errors.Is(err, ErrInvalidUTF8) {
			t.Errorf("%s, %s: error = %v, want 1007", name, way.name, err)
		}
		_, err = events(way.over(upTo(stream[:len(stream)-1])), Options{})
		if err != errMore {
			t.Errorf("%s, %s, a byte earlier: error = %v", name, way.name, err)
		}
	}
}

// endOf returns where in a stream of fragments the first n bytes of the message end.
func endOf(fragments []wstest.Frame, n int) (at int) {
	for _, f := range fragments {
		header := len(f.Append(nil)) - len(f.Payload)
		if n <= len(f.Payload) {
			return at + header + n
		}
		n -= len(f.Payload)
		at += header + len(f.Payload)
	}
	return at
}

// textOnlyTest is a row of TestTextOnly.
type textOnlyTest struct {
	name     string
	frame    wstest.Frame
	textOnly bool
	want     int // the code of the fault
}

// Contract 4.3: which messages must be UTF-8.
func TestTextOnly(t *testing.T) {
	bad := "a\xff"
	for _, test := range []textOnlyTest{
		{name: "text", frame: wstest.Text(bad), want: 1007},
		{name: "binary", frame: wstest.Binary([]byte(bad))},
		{name: "binary as text", frame: wstest.Binary([]byte(bad)), textOnly: true,
			want: 1007},
		{name: "compressed text", frame: wstest.Compressed(wstest.OpText, []byte(bad)),
			want: 1007},
		{name: "compressed binary",
			frame: wstest.Compressed(wstest.OpBinary, []byte(bad))},
		{name: "compressed binary as text", textOnly: true, want: 1007,
			frame: wstest.Compressed(wstest.OpBinary, []byte(bad))},
		{name: "compressed text, cut off", want: 1007,
			frame: wstest.Compressed(wstest.OpText, []byte("a\xe2\x82"))},
		{name: "compressed text, after much", want: 1007,
			frame: wstest.Compressed(wstest.OpText, []byte(a(70000)+"\xff"+a(70000)))},
	} {
		t.Run(test.name, test.run)
	}
}

func (test textOnlyTest) run(t *testing.T) {
	for name, fragments := range cuts(test.frame) {
		stream := wstest.Bytes(fragments...)
		for _, way := range ways {
			o := Options{Inflate: true, TextOnly: test.textOnly}
			got, err := events(way.over(bytes.NewReader(stream)), o)
			if faultCode(err) != test.want || len(got) > 0 != (test.want == 0) {
				t.Errorf("%s, %s: events = %q, %v, want code %d", name, way.name,
					got, err, test.want)
			}
		}
	}
}
