package frame

import (
	"fmt"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// script turns the bytes of a fuzz input into decisions. After its end every
// decision is 0.
type script struct{ p []byte }

// below returns a decision below n.
func (s *script) below(n int) int {
	if len(s.p) == 0 {
		return 0
	}
	b := int(s.p[0])
	s.p = s.p[1:]
	if n > 256 && len(s.p) > 0 {
		b = b<<8 | int(s.p[0])
		s.p = s.p[1:]
	}
	return b % n
}

// stream returns plausible frames of a client, sometimes with a corrupted byte.
func (s *script) stream(inflate bool) []byte {
	var b []byte
	for len(s.p) > 0 && len(b) < 1<<18 {
		switch s.below(8) {
		case 0, 1:
			b = s.control().Append(b)
		default:
			b = s.message(b, inflate)
		}
	}
	if s.below(2) == 1 {
		b = wstest.Close(1000+s.below(20), "bye").Append(b)
	}
	return b
}

func (s *script) control() wstest.Frame {
	payload := a(s.below(126))
	if s.below(2) == 0 {
		return wstest.Ping(payload)
	}
	return wstest.Pong(payload)
}

// message returns one message, in up to four fragments with control frames in between.
func (s *script) message(b []byte, inflate bool) []byte {
	f := wstest.Text("")
	if s.below(2) == 1 {
		f = wstest.Binary(nil)
	}
	f.Payload = s.data(s.size(), f.Opcode == wstest.OpText)
	if inflate && s.below(2) == 1 {
		f = wstest.Compressed(f.Opcode, f.Payload)
	}
	rest := f.Payload
	for range s.below(4) {
		f.Payload = rest[:s.below(len(rest)+1)]
		rest = rest[len(f.Payload):]
		b = f.More().Append(b)
		if s.below(2) == 1 {
			b = s.control().Append(b)
		}
		f = wstest.Continuation("")
	}
	f.Payload = rest
	return f.Append(b)
}

// size returns a length at or near the limits of lengths and buffers, or any length.
func (s *script) size() int {
	switch s.below(6) {
	case 0:
		return 120 + s.below(12)
	case 1:
		return 240 + s.below(24)
	case 2:
		return 1<<16 - 6 + s.below(12)
	case 3:
		return s.below(5000)
	}
	return s.below(40)
}

// data returns n bytes, or a few more to complete the last rune of a text.
func (s *script) data(n int, text bool) []byte {
	var p []byte
	switch {
	case !text && s.below(2) == 0:
		return noise(n)
	case s.below(8) == 1: // random bytes, which are hardly ever UTF-8
		p = append(p, s.p[:min(n, len(s.p))]...)
		return p
	}
	rune := []string{"a", "é", "€", "😀"}[s.below(4)]
	for i := 0; len(p) < n; i++ {
		p = fmt.Append(p, rune, i%7)
	}
	return p
}

// corrupt changes a byte of the stream in one case of four.
func (s *script) corrupt(stream []byte) {
	if s.below(4) == 1 && len(stream) > 0 {
		stream[s.below(min(len(stream), 1<<16))] ^= byte(1 << s.below(8))
	}
}
