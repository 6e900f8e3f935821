package frame

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// ways lists how a network may deliver the same bytes.
var ways = []struct {
	name string
	over func(io.Reader) io.Reader
}{
	{name: "whole", over: func(r io.Reader) io.Reader { return r }},
	{name: "byte by byte", over: iotest.OneByteReader},
	{name: "in halves", over: iotest.HalfReader},
	{name: "the end with the last bytes", over: iotest.DataErrReader},
	{name: "empty reads between", over: hesitate},
}

// hesitant returns nothing, then a byte, then nothing again, and so on.
type hesitant struct {
	src  io.Reader
	ripe bool
}

func hesitate(r io.Reader) io.Reader { return &hesitant{src: r} }

func (h *hesitant) Read(p []byte) (int, error) {
	h.ripe = !h.ripe
	if h.ripe {
		return 0, nil
	}
	return h.src.Read(p[:1])
}

// events reads src to its end. It returns messages, pings and pongs in order.
func events(src io.Reader, o Options) (got []string, err error) {
	return eventsThrough(NewBuffer(src, 0), o)
}

func eventsThrough(in *bufio.Reader, o Options) (got []string, err error) {
	o.OnControl = func(opcode byte, payload []byte) {
		got = append(got, fmt.Sprintf("%x %s", opcode, payload))
	}
	r := NewReader(in, o)
	for {
		m, err := r.Next()
		if err != nil {
			return got, err
		}
		got = append(got, "m "+string(m.Data))
		r.Release()
	}
}

// wantEvents reads stream in all ways and wants the same result each time.
func wantEvents(t *testing.T, stream []byte, o Options, want []string, err error) {
	t.Helper()
	for _, way := range ways {
		got, gotErr := events(way.over(bytes.NewReader(stream)), o)
		if !slices.Equal(got, want) || fmt.Sprint(gotErr) != fmt.Sprint(err) {
			t.Errorf("%s: events = %s, %v, want %s, %v", way.name, brief(got), gotErr,
				brief(want), err)
		}
	}
}

// brief returns the start of each event, and its length.
func brief(events []string) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "[%.12q of %d]", e, len(e))
	}
	return b.String()
}

// cuts returns versions of the message f: whole, in two fragments, and in three
// with an empty one in the middle. It cuts at every place of the payload, or at
// some places of a long one.
func cuts(f wstest.Frame) map[string][]wstest.Frame {
	all := map[string][]wstest.Frame{"in one": {f}}
	n := len(f.Payload)
	step := 1
	if n > 100 {
		step += n / 7
	}
	for i := 0; i <= n; i += step {
		first, rest := f.More(), wstest.Continuation(string(f.Payload[i:]))
		first.Payload = f.Payload[:i]
		all[fmt.Sprintf("cut at %d", i)] = []wstest.Frame{first, rest}
		all[fmt.Sprintf("cut at %d, empty fragment", i)] = []wstest.Frame{
			first, wstest.Continuation("").More(), rest,
		}
	}
	return all
}

// errMore is the error of a network that was asked for more bytes than it has.
var errMore = errors.New("more was read")

// upTo returns p and then errMore.
func upTo(p []byte) io.Reader {
	return io.MultiReader(bytes.NewReader(p), iotest.ErrReader(errMore))
}

// faultCode returns the code of a Fault, or 0 for any other error.
func faultCode(err error) int {
	var fault *Fault
	if errors.As(err, &fault) {
		return fault.Code
	}
	return 0
}

// a returns n bytes of text.
func a(n int) string { return strings.Repeat("a", n) }

// noise returns data that does not compress.
func noise(n int) []byte {
	p := make([]byte, n)
	x := uint32(1)
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = byte(x >> 24)
	}
	return p
}
