// Package frame builds the frames that a benchmark client sends, and takes apart those that it gets.
//
// A client must mask what it sends (RFC 6455 5.3). Doing so while the clock runs would make the client dearer than the
// server it measures, so every frame is built beforehand and sent as it is, again and again.
package frame

import "encoding/binary"

// key masks every frame. A fixed one is allowed here: masks protect proxies between strangers, not a loopback.
var key = [4]byte{0x9a, 0x3c, 0x57, 0xe1}

// Text returns one masked text frame of payload, whole and final.
func Text(payload []byte) []byte { return append(header(len(payload)), masked(payload)...) }

// Repeat returns n masked text frames of payload, one behind the other, and the length of one.
func Repeat(payload []byte, n int) (frames []byte, one int) {
	f := Text(payload)
	for range n {
		frames = append(frames, f...)
	}
	return frames, len(f)
}

// header is that of a final, masked text frame of n bytes, with the shortest of the three lengths that fits.
func header(n int) []byte {
	const text, mask = 0x81, 0x80
	var h []byte
	switch {
	case n < 126:
		h = []byte{text, mask | byte(n)}
	case n <= 0xffff:
		h = binary.BigEndian.AppendUint16([]byte{text, mask | 126}, uint16(n))
	default:
		h = binary.BigEndian.AppendUint64([]byte{text, mask | 127}, uint64(n))
	}
	return append(h, key[:]...)
}

func masked(payload []byte) []byte {
	out := make([]byte, len(payload))
	for i, b := range payload {
		out[i] = b ^ key[i%4]
	}
	return out
}
