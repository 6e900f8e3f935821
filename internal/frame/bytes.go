package frame

import (
	"encoding/binary"
	"math/bits"
	"sync"
	"unicode/utf8"
)

// xor masks or unmasks p (RFC 6455, 5.3). It returns the key for the byte after p.
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

// validPrefix returns how many bytes of p are whole runes. After them there may be
// the start of one more rune. ok is false if p cannot be the start of any UTF-8.
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

// sizes are the sizes of pooled memory. Each has its own pool.
var (
	sizes = [...]int{4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20}
	pools [len(sizes)]sync.Pool
)

// borrow returns empty memory for at least n bytes, from a pool if one has it.
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

// giveBack returns borrowed memory to its pool. It ignores nil.
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
