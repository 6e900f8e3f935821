package frame

import (
	"encoding/binary"
	"math/bits"
	"sync"
	"unicode/utf8"
)

// xor masks or unmasks p (RFC 6455, 5.3), and returns the key for the byte after it.
func xor(p []byte, key uint32) (next uint32) {
	next = bits.RotateLeft32(key, -8*(len(p)&3))
	wide := uint64(key)<<32 | uint64(key)
	for ; len(p) >= 32; p = p[32:] {
		binary.LittleEndian.PutUint64(p, binary.LittleEndian.Uint64(p)^wide)
		binary.LittleEndian.PutUint64(p[8:], binary.LittleEndian.Uint64(p[8:])^wide)
		binary.LittleEndian.PutUint64(p[16:], binary.LittleEndian.Uint64(p[16:])^wide)
		binary.LittleEndian.PutUint64(p[24:], binary.LittleEndian.Uint64(p[24:])^wide)
	}
	for i := range p {
		p[i] ^= byte(key)
		key = bits.RotateLeft32(key, -8)
	}
	return next
}

// validPrefix returns how much of p is whole runes; a rune that only lacks
// bytes may follow. It is not ok when p cannot be the begin of any UTF-8.
func validPrefix(p []byte) (n int, ok bool) {
	n = len(p)
	for i := n - 1; i >= max(0, n-utf8.UTFMax+1); i-- {
		if utf8.RuneStart(p[i]) {
			if !utf8.FullRune(p[i:]) {
				n = i
			}
			break
		}
	}
	return n, utf8.Valid(p[:n])
}

// sizes are those of pooled memory, with a pool for each.
var (
	sizes = [...]int{4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20}
	pools [len(sizes)]sync.Pool
)

// borrow returns empty memory for at least n bytes. What no pool has is made.
func borrow(n int) *[]byte {
	for i, size := range sizes {
		if n > size {
			continue
		}
		if b, ok := pools[i].Get().(*[]byte); ok {
			return b
		}
		n = size
		break
	}
	b := make([]byte, 0, n)
	return &b
}

// giveBack ends a borrow; nil was not borrowed.
func giveBack(b *[]byte) {
	if b == nil {
		return
	}
	for i, size := range sizes {
		if cap(*b) == size {
			pools[i].Put(b)
		}
	}
}
