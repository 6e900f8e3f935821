package frame

import (
	"bytes"
	"encoding/binary"
	"testing"
	"unicode/utf8"
)

// For every length and every position of the key, xor gives the same as a plain
// loop (RFC 6455, 5.3).
func TestXor(t *testing.T) {
	key := [4]byte{0xa1, 0x5b, 0x3c, 0x7e}
	for n := range 71 {
		for offset := range 9 {
			data := noise(n + 16)
			want := bytes.Clone(data)
			for i := range n {
				want[8+i] ^= key[(offset+i)%4]
			}
			var turned [4]byte
			for i := range turned {
				turned[i] = key[(offset+i)%4]
			}

			next := xor(data[8:8+n], binary.LittleEndian.Uint32(turned[:]))

			if !bytes.Equal(data, want) {
				t.Errorf("xor of %d bytes at %d = %x, want %x", n, offset, data, want)
			}
			if got := byte(next); got != key[(offset+n)%4] {
				t.Errorf("xor of %d bytes at %d gives key %x, want %x", n, offset, got,
					key[(offset+n)%4])
			}
		}
	}
}

func TestValidPrefix(t *testing.T) {
	for _, test := range []struct {
		name string
		p    string
		want int
		ok   bool
	}{
		{name: "nothing", p: "", want: 0, ok: true},
		{name: "whole runes", p: "aé€😀", want: 10, ok: true},
		{name: "2 lacks 1", p: "a\xc3", want: 1, ok: true},
		{name: "3 lacks 2", p: "a\xe2", want: 1, ok: true},
		{name: "3 lacks 1", p: "a\xe2\x82", want: 1, ok: true},
		{name: "4 lacks 3", p: "a\xf0", want: 1, ok: true},
		{name: "4 lacks 2", p: "a\xf0\x9f", want: 1, ok: true},
		{name: "4 lacks 1", p: "a\xf0\x9f\x98", want: 1, ok: true},
		{name: "cannot be", p: "a\xed\xa0", want: 3},
		{name: "continuations alone", p: "\x80\x80\x80", want: 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			if n, ok := validPrefix([]byte(test.p)); n != test.want || ok != test.ok {
				t.Errorf("validPrefix(%q) = %d, %t, want %d, %t", test.p, n, ok,
					test.want, test.ok)
			}
		})
	}
}

// borrow returns memory in the size of a pool, or in the exact size if that is
// too large for all pools. Memory from a pool is as good as new.
func TestBorrow(t *testing.T) {
	for _, test := range []struct{ n, want int }{
		{n: 0, want: 4 << 10}, {n: 4 << 10, want: 4 << 10},
		{n: 4<<10 + 1, want: 16 << 10},
		{n: 64 << 10, want: 64 << 10}, {n: 1 << 20, want: 1 << 20},
		{n: 1<<20 + 1, want: 1<<20 + 1},
	} {
		for range 3 {
			b := borrow(test.n)
			if len(*b) != 0 || cap(*b) != test.want {
				t.Errorf("borrow(%d) = %d bytes of %d, want 0 of %d", test.n, len(*b),
					cap(*b), test.want)
			}
			giveBack(b)
		}
	}
	giveBack(nil)
}

// Memory returns to one pool, the one of its size. Otherwise two messages would
// share it.
func TestGiveBack(t *testing.T) {
	for range 10 {
		giveBack(borrow(1 << 20))
	}
	seen := make(map[*byte]bool)
	for _, n := range sizes {
		for range 20 {
			b := borrow(n)
			first := &(*b)[:1][0]
			if cap(*b) != n || seen[first] {
				t.Errorf("borrow(%d) = %d bytes, lent before: %t", n, cap(*b),
					seen[first])
			}
			seen[first] = true
		}
	}
}

// However any bytes are cut into pieces, the pieces give the same answer as package
// utf8 gives for all of them. No piece is refused that valid bytes could follow.
func FuzzUTF8(f *testing.F) {
	for _, test := range badTexts {
		if len(test.text) < 100 {
			f.Add([]byte(test.text))
		}
	}
	f.Add([]byte("aé€😀\U0010ffff"))
	f.Fuzz(func(t *testing.T, p []byte) {
		p = p[:min(len(p), 200)]
		for cut := range len(p) + 1 {
			n, ok := validPrefix(p[:cut])
			if want := canGoOn(p[:cut]); ok != want {
				t.Errorf("validPrefix(%q) = %t, want %t", p[:cut], ok, want)
			}
			if !ok {
				if utf8.Valid(p) {
					t.Errorf("validPrefix(%q) refuses the begin of %q", p[:cut], p)
				}
				continue
			}
			if cut-n >= utf8.UTFMax || !utf8.Valid(p[:n]) {
				t.Errorf("validPrefix(%q) = %d", p[:cut], n)
			}
			rest, ok := validPrefix(p[n:])
			if whole := ok && n+rest == len(p); whole != utf8.Valid(p) {
				t.Errorf("%q, cut at %d, is UTF-8: %t, want %t", p, cut, whole,
					utf8.Valid(p))
			}
		}
	})
}

// canGoOn reports whether p, with more bytes after it, can be UTF-8. It tries them.
func canGoOn(p []byte) bool {
	if utf8.Valid(p) {
		return true
	}
	// The second byte of a rune has narrower bounds than the others. Try each bound.
	for _, end := range []string{"\x80", "\xa0", "\x90", "\x80\x80", "\xa0\x80",
		"\x90\x80", "\x80\x80\x80", "\x90\x80\x80"} {
		if utf8.Valid(append(bytes.Clone(p), end...)) {
			return true
		}
	}
	return false
}
