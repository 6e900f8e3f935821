package frame

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// legal lists messages at the limits of each form of a frame.
var legal = []struct {
	name  string
	frame wstest.Frame
}{
	{name: "empty text", frame: wstest.Text("")},
	{name: "empty binary", frame: wstest.Binary(nil)},
	{name: "1 byte", frame: wstest.Text("a")},
	{name: "runes of each length", frame: wstest.Text("aé€😀\U0010ffff\x00")},
	{name: "binary that is not UTF-8", frame: wstest.Binary([]byte("\xff\x00\xfe"))},
	{name: "what looks like a close frame",
		frame: wstest.Binary([]byte("\x88\x80\x00\x00"))},
	{name: "125 bytes", frame: wstest.Binary(noise(125))},
	{name: "126 bytes", frame: wstest.Binary(noise(126))},
	{name: "as the buffer", frame: wstest.Binary(noise(minBuffer))},
	{name: "with its header as the buffer", frame: wstest.Binary(noise(minBuffer - 8))},
	{name: "65535 bytes", frame: wstest.Binary(noise(65535))},
	{name: "65536 bytes", frame: wstest.Binary(noise(65536))},
	{name: "65537 bytes", frame: wstest.Text(a(65537))},
	{name: "300000 bytes", frame: wstest.Binary(noise(300000))},
	{name: "compressed",
		frame: wstest.Compressed(wstest.OpText, []byte("hello, hello, €"))},
	{name: "compressed, empty", frame: wstest.Compressed(wstest.OpText, nil)},
	{name: "compressed, much",
		frame: wstest.Compressed(wstest.OpText, []byte(a(100000)))},
	{name: "compressed noise", frame: wstest.Compressed(wstest.OpBinary, noise(70000))},
	{name: "compressed binary",
		frame: wstest.Compressed(wstest.OpBinary, []byte{0xff, 0})},
}

// Contract 3.2: messages arrive whole, in fragments cut anywhere, with control
// frames in between.
func TestLegalMessages(t *testing.T) {
	for _, test := range legal {
		t.Run(test.name, func(t *testing.T) {
			want := payloadOf(t, test.frame)
			o := Options{Inflate: true, Limit: int64(max(6, len(want)))}
			for name, fragments := range cuts(test.frame) {
				stream, between := interleave(name, fragments)
				between = append(between, "m "+want, "m after")
				wanted := slices.Insert(between, 0, "m before")
				wantEvents(t, stream, o, wanted, io.EOF)
			}
		})
	}
}

// interleave puts a message before the fragments, one after them and control
// frames between them. It returns the events of the control frames.
func interleave(name string, fragments []wstest.Frame) (stream []byte, between []string) {
	stream = wstest.Bytes(wstest.Text("before"))
	for i, f := range fragments {
		if i > 0 {
			stream = append(stream, wstest.Bytes(wstest.Pong(""), wstest.Ping(name))...)
			between = append(between, "a ", "9 "+name)
		}
		stream = f.Append(stream)
	}
	return append(stream, wstest.Bytes(wstest.Text("after"))...), between
}

// payloadOf returns the message in f.
func payloadOf(t *testing.T, f wstest.Frame) string {
	if f.Rsv == 0 {
		return string(f.Payload)
	}
	p, err := wstest.Inflate(f.Payload)
	if err != nil {
		t.Fatal(err)
	}
	return string(p)
}

// Contract 4.4: every legal code, and what a close frame can say.
func TestCloseFrames(t *testing.T) {
	for _, test := range []struct {
		name  string
		frame wstest.Frame
		want  websocket.CloseError
	}{
		{name: "no code", frame: wstest.CloseRaw(nil),
			want: websocket.CloseError{Code: 1005}},
		{name: "1000", frame: wstest.Close(1000, ""),
			want: websocket.CloseError{Code: 1000}},
		{name: "1003", frame: wstest.Close(1003, "é"),
			want: websocket.CloseError{Code: 1003, Text: "é"}},
		{name: "1007", frame: wstest.Close(1007, ""),
			want: websocket.CloseError{Code: 1007}},
		{name: "1014", frame: wstest.Close(1014, ""),
			want: websocket.CloseError{Code: 1014}},
		{name: "3000", frame: wstest.Close(3000, ""),
			want: websocket.CloseError{Code: 3000}},
		{name: "4999", frame: wstest.Close(4999, a(123)),
			want: websocket.CloseError{Code: 4999, Text: a(123)}},
	} {
		t.Run(test.name, func(t *testing.T) {
			stream := wstest.Bytes(wstest.Text("a").More(), wstest.Ping("b"), test.frame)
			// Bytes after a close frame are ignored.
			stream = append(stream, "\xff\xff\xff"...)
			wantEvents(t, stream, Options{}, []string{"9 b"}, &test.want)
		})
	}
}

// Contract 4.4: ValidCode accepts the codes of RFC 6455, 7.4, and of the registry.
func TestValidCode(t *testing.T) {
	for code := -1; code <= 1<<16; code++ {
		want := code >= 1000 && code <= 1014 && code != 1004 && code != 1005 &&
			code != 1006 || code >= 3000 && code <= 4999
		if got := ValidCode(code); got != want {
			t.Errorf("ValidCode(%d) = %t, want %t", code, got, want)
		}
	}
}

// An unfinished message is never delivered, wherever and however the stream ends.
func TestUnfinished(t *testing.T) {
	for _, test := range []struct {
		name   string
		frames []wstest.Frame
	}{
		{name: "one frame", frames: []wstest.Frame{wstest.Text("hello")}},
		{name: "a large frame", frames: []wstest.Frame{wstest.Text(a(1000))}},
		{name: "fragments", frames: []wstest.Frame{
			wstest.Text("hello").More(), wstest.Continuation("").More(),
			wstest.Continuation("world"),
		}},
		{name: "compressed", frames: []wstest.Frame{
			wstest.Text(deflated[:5]).WithRsv(wstest.Rsv1).More(),
			wstest.Continuation(deflated[5:]).More(), wstest.Continuation(""),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			stream := wstest.Bytes(test.frames...)
			for n := range stream {
				wantEvents(t, stream[:n], Options{Inflate: true}, nil, io.EOF)
				got, err := events(upTo(stream[:n]), Options{Inflate: true})
				if len(got) > 0 || err != errMore {
					t.Errorf("events of %d bytes = %q, %v, want %v", n, got, err, errMore)
				}
			}
			got, err := events(bytes.NewReader(stream), Options{Inflate: true})
			if len(got) != 1 || err != io.EOF {
				t.Errorf("events of all = %q, %v, want one message, %v", got, err, io.EOF)
			}
		})
	}
}

// The size of the buffer does not matter. A buffer that is too small is enlarged.
func TestBufferSize(t *testing.T) {
	stream := wstest.Bytes(wstest.Ping(a(125)), wstest.Text(a(200)), wstest.Text(a(5000)))
	want := []string{"9 " + a(125), "m " + a(200), "m " + a(5000)}
	for _, size := range []int{-1, 0, 1, 125, 511, 512, 513, 4096, 1 << 16} {
		in := NewBuffer(bytes.NewReader(stream), size)
		if got := in.Size(); got != max(512, size) {
			t.Errorf("NewBuffer(%d) has %d bytes, want at least 512", size, got)
		}
		if got, err := eventsThrough(in, Options{}); !slices.Equal(got, want) ||
			err != io.EOF {
			t.Errorf("events through %d bytes = %s, %v, want %s", size, brief(got), err,
				brief(want))
		}
	}
}

// The network's error is returned unchanged.
func TestNetworkError(t *testing.T) {
	cable := errors.New("cable is cut")
	begin := bytes.NewReader(wstest.Bytes(wstest.Text("a").More()))
	src := io.MultiReader(begin, iotest.ErrReader(cable))
	r := NewReader(NewBuffer(src, 0), Options{})
	if _, err := r.Next(); err != cable {
		t.Errorf("Next() = %v, want %v", err, cable)
	}
}

// Settled reports whether a close frame was the last that came.
func TestSettled(t *testing.T) {
	for _, test := range []struct {
		name   string
		stream []byte
		want   bool
	}{
		{"close frame", wstest.Bytes(wstest.Text("a"), wstest.Close(1000, "")), true},
		{"more after it", wstest.Bytes(wstest.Close(1000, ""), wstest.Text("a")), false},
		{"no close frame", wstest.Bytes(wstest.Text("a")), false},
	} {
		r := NewReader(NewBuffer(bytes.NewReader(test.stream), 0), Options{})
		for err := error(nil); err == nil; {
			_, err = r.Next()
		}
		if got := r.Settled(); got != test.want {
			t.Errorf("%s: Settled() = %t, want %t", test.name, got, test.want)
		}
	}
}

// Drain drops everything until the stream ends, frames or not.
func TestDrain(t *testing.T) {
	src := bytes.NewReader(append(wstest.Bytes(wstest.Text("a")),
		make([]byte, 10_000)...))
	NewReader(NewBuffer(src, 0), Options{}).Drain()
	if src.Len() != 0 {
		t.Errorf("Drain() left %d bytes", src.Len())
	}
}
