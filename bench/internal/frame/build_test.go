package frame

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestText(t *testing.T) {
	for _, tt := range []struct {
		size, header int
	}{{0, 2}, {1, 2}, {125, 2}, {126, 4}, {0xffff, 4}, {0x10000, 10}} {
		payload := bytes.Repeat([]byte("abc"), tt.size)[:tt.size]
		f := Text(payload)
		if got, want := len(f), tt.header+4+tt.size; got != want {
			t.Errorf("len(Text) of %d bytes = %d, want %d", tt.size, got, want)
		}
		if got := unmask(f, tt.header); !bytes.Equal(got, payload) {
			t.Errorf("Text of %d bytes, unmasked = %d bytes that differ", tt.size, len(got))
		}
		if got := length(f); got != tt.size {
			t.Errorf("Text of %d bytes says %d", tt.size, got)
		}
	}
}

func TestClose(t *testing.T) {
	f := Close(1000)
	if got := unmask(f, 2); f[0] != 0x88 || string(got) != "\x03\xe8" {
		t.Errorf("Close(1000) = %x with body %x, want 88 and 03e8", f[0], got)
	}
}

func TestDeflatedIsUnderstood(t *testing.T) {
	payload := bytes.Repeat([]byte("abc"), 100)
	f := Deflated(payload)
	got, err := new(inflater).inflate(unmask(f, 2))
	if f[0] != 0xc1 || !bytes.Equal(got, payload) || err != nil {
		t.Errorf("Deflated = first byte %x, inflated %d bytes, %v, want c1 and %d bytes",
			f[0], len(got), err, len(payload))
	}
}

func unmask(f []byte, header int) []byte {
	mask, out := f[header:header+4], bytes.Clone(f[header+4:])
	for i := range out {
		out[i] ^= mask[i%4]
	}
	return out
}

func length(f []byte) int {
	switch n := f[1] & 0x7f; n {
	case 126:
		return int(binary.BigEndian.Uint16(f[2:]))
	case 127:
		return int(binary.BigEndian.Uint64(f[2:]))
	default:
		return int(n)
	}
}
