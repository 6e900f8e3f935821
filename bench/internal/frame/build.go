// Package frame builds the frames that a benchmark client sends, and takes apart those
// that it gets.
//
// A client must mask what it sends (RFC 6455 5.3). Doing so while the clock runs would
// make the client dearer than the server it measures, so every frame is built beforehand
// and sent as it is, again and again.
package frame

import (
	"bytes"
	"encoding/binary"
)

// key masks every frame. A fixed one is allowed here: masks protect proxies between
// strangers, not a loopback.
var key = [4]byte{0x9a, 0x3c, 0x57, 0xe1}

// Text returns one masked text frame of payload, whole and final.
func Text(payload []byte) []byte { return build(fin|opText, payload) }

// Deflated returns the same, compressed as permessage-deflate asks without context
// takeover (RFC 7692 7.2.1).
func Deflated(payload []byte) []byte { return build(fin|rsv1|opText, deflate(payload)) }

// Close returns a masked close frame with a code and no reason.
func Close(code uint16) []byte {
	return build(fin|opClose, binary.BigEndian.AppendUint16(nil, code))
}

// Repeat returns n times the same frame, one behind the other.
func Repeat(frame []byte, n int) []byte { return bytes.Repeat(frame, n) }

func build(first byte, payload []byte) []byte {
	return append(header(first, len(payload)), masked(payload)...)
}

// header is that of a masked frame of n bytes, with the shortest of the three lengths
// that fits.
func header(first byte, n int) []byte {
	const mask = 0x80
	var h []byte
	switch {
	case n < 126:
		h = []byte{first, mask | byte(n)}
	case n <= 0xffff:
		h = binary.BigEndian.AppendUint16([]byte{first, mask | 126}, uint16(n))
	default:
		h = binary.BigEndian.AppendUint64([]byte{first, mask | 127}, uint64(n))
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
