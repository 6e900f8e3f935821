package frame

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// FuzzAgainstGorilla gives this reader and gorilla's what a client might send.
// Both must find the same messages, pings, pongs and close frame in the same
// order, unless one of them refuses what gorilla lets through or the RFCs allow.
func FuzzAgainstGorilla(f *testing.F) {
	for i := range 64 {
		f.Add(noise(40 + 10*i)[10*i:])
	}
	f.Add([]byte(nil))
	f.Fuzz(func(t *testing.T, input []byte) {
		s := script{input}
		inflate, borrow := s.below(2) == 1, s.below(2) == 1
		limit := []int64{0, 0, 100, 5000, 65536}[s.below(5)]
		way := ways[s.below(len(ways))]
		corruption := script{append([]byte(nil), s.p[:min(len(s.p), 5)]...)}
		stream := s.stream(inflate)
		corruption.corrupt(stream)
		if goesOnAfterFinal(stream) {
			return // gorilla drops the rest of such a message; TestInflate has it
		}

		o := Options{Inflate: inflate, Borrow: borrow, Limit: limit}
		c := comparison{stream: stream, limit: limit}
		c.ours, c.ourErr = events(way.over(bytes.NewReader(stream)), o)
		c.theirs, c.theirErr = gorillaEvents(t, stream, inflate)
		if err := c.judge(); err != nil {
			t.Errorf("%v\nours %s, %v\ntheirs %s, %v", err, brief(c.ours), c.ourErr,
				brief(c.theirs), c.theirErr)
		}
	})
}

// comparison holds what two readers made of a stream.
type comparison struct {
	stream           []byte
	limit            int64
	ours, theirs     []string
	ourErr, theirErr error
}

// judge demands equal results, or a difference that is known and right.
func (c *comparison) judge() error {
	for i := range min(len(c.ours), len(c.theirs)) {
		if c.ours[i] != plain(c.theirs[i]) {
			return fmt.Errorf("event %d differs", i)
		}
	}
	var said, theySaid *websocket.CloseError
	var fault *Fault
	errors.As(c.theirErr, &theySaid)
	cut := theySaid != nil && theySaid.Code == websocket.CloseAbnormalClosure
	same := len(c.ours) == len(c.theirs)
	switch {
	case errors.As(c.ourErr, &said):
		if said.Code == 1014 && same && theySaid == nil {
			return nil // registered after gorilla's list was written
		}
		if !same || theySaid == nil || *said != *theySaid {
			return errors.New("close frames differ")
		}
	case errors.As(c.ourErr, &fault):
		return c.justify(fault, same && theySaid == nil)
	case !same || !cut:
		return errors.New("gorilla does not see the end of the stream there")
	}
	return nil
}

// plain returns an event of gorilla's without the kind of the message.
func plain(event string) string {
	if event[0] == 'm' {
		return "m" + event[2:]
	}
	return event
}

// justify looks for the reason for a fault. Gorilla may refuse the same stream or not.
func (c *comparison) justify(fault *Fault, agreed bool) error {
	if len(c.ours) > len(c.theirs) {
		return errors.New("gorilla has stopped earlier")
	}
	next := "" // the refused message, if gorilla has read it
	for _, event := range c.theirs[len(c.ours):] {
		if event[0] == 'm' {
			next = event
			break
		}
	}
	switch {
	case agreed && fault.Code == websocket.CloseProtocolError:
		return nil
	case errors.Is(fault, websocket.ErrReadLimit):
		if next == "" || c.limit > 0 && int64(len(next)-len("m1 ")) > c.limit {
			return nil
		}
	case fault.Err == ErrInvalidUTF8:
		if next == "" || next[1] == '1' && !utf8.ValidString(next[3:]) {
			return nil
		}
	case strings.Contains(fault.Error(), "compressed data"):
		// Gorilla gives up too, but has handled control frames after that point.
		if next == "" && !errors.As(c.theirErr, new(*websocket.CloseError)) {
			return nil
		}
	case hasFault(c.stream, fault.Error()):
		return nil
	}
	return errors.New("no reason for the refusal")
}

// hasFault uses a very simple reader to look for a frame that gorilla lets through.
func hasFault(stream []byte, reason string) bool {
	padding := bytes.NewReader(make([]byte, 1<<17)) // the payload of the last frame
	r := io.MultiReader(bytes.NewReader(stream), padding)
	for {
		f, err := wstest.ReadFrame(r)
		rsv1 := f.Rsv == wstest.Rsv1
		switch {
		case err != nil:
			return false
		case f.Opcode == wstest.OpClose && len(f.Payload) == 1:
			return strings.Contains(reason, "half a code")
		case f.Opcode >= wstest.OpClose && rsv1:
			return strings.Contains(reason, "reserved bit")
		case f.Opcode == wstest.OpContinuation && rsv1:
			return strings.Contains(reason, "RSV1 on a continuation")
		case f.Length != 0:
			return strings.Contains(reason, "shortest form")
		}
	}
}

// goesOnAfterFinal reports whether stream has a compressed message that continues
// after the end of a final block, by more than the byte that completes it.
func goesOnAfterFinal(stream []byte) bool {
	r := bytes.NewReader(stream)
	var message []byte
	compressed := false
	for {
		f, err := wstest.ReadFrame(r)
		if f.Opcode >= wstest.OpClose && err == nil {
			continue
		}
		if f.Opcode != wstest.OpContinuation {
			compressed, message = f.Rsv&wstest.Rsv1 != 0, nil
		}
		message = append(message, f.Payload...)
		if compressed {
			data := bytes.NewReader(message)
			_, bad := io.Copy(io.Discard, flate.NewReader(data))
			if bad == nil && (data.Len() > 0 || !f.Fin) {
				return true
			}
		}
		if err != nil {
			return false
		}
	}
}

// FuzzReads gives the Reader any bytes. The result must not depend on how the
// network delivers them. After any error, Drain must read to the end of the stream.
func FuzzReads(f *testing.F) {
	for _, test := range violations {
		if len(test.frame.Payload) < 1000 {
			f.Add(test.frame.Append(wstest.Bytes(test.before...)), test.inflate)
		}
	}
	for _, test := range legal {
		if len(test.frame.Payload) < 1000 {
			f.Add(wstest.Bytes(test.frame, test.frame.More(), wstest.Ping("p")), true)
		}
	}
	f.Add([]byte(finalBlock("hello")+finalBlock("world")), true)
	f.Fuzz(func(t *testing.T, stream []byte, inflate bool) {
		for _, limit := range []int64{0, 50} {
			o := Options{Inflate: inflate, Limit: limit, TextOnly: len(stream)%2 == 0}
			want := outcome(stream, ways[0].over, o)
			for _, way := range ways[1:] {
				if got := outcome(stream, way.over, o); got != want {
					t.Errorf("%s: %s, want %s", way.name, got, want)
				}
			}
		}
	})
}

// outcome formats everything that a Reader reports of a stream, and what Drain leaves of
// it.
func outcome(stream []byte, over func(io.Reader) io.Reader, o Options) string {
	var b strings.Builder
	o.OnControl = func(opcode byte, payload []byte) {
		fmt.Fprintf(&b, "%x %x, ", opcode, payload)
	}
	src := bytes.NewReader(stream)
	r := NewReader(NewBuffer(over(src), 0), o)
	for {
		m, err := r.Next()
		if err != nil {
			r.Drain()
			fmt.Fprintf(&b, "%v, %d bytes left", err, src.Len())
			return b.String()
		}
		fmt.Fprintf(&b, "m %x, ", m.Data)
		r.Release()
	}
}
