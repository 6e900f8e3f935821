package frame

import (
	"encoding/binary"

	"github.com/gorilla/websocket"
)

// Opcodes and bits that gorilla does not name (RFC 6455, section 5.2).
const (
	opContinuation = 0
	opControl      = 8 // this and above

	finBit      = 0x80
	rsv1Bit     = 0x40
	otherRsv    = 0x30
	maskBit     = 0x80
	maxControl  = 125
	length16    = 126
	length64    = 127
	firstLength = 2 // where the longer forms of a length start
)

// header is the header of a frame.
type header struct {
	fin, rsv1, reserved, masked bool

	opcode byte
	short  byte   // the first seven bits of the length
	key    uint32 // the mask, rotated to the next byte of the payload
}

func (h *header) isControl() bool { return h.opcode >= opControl }

// readHeader reads the header of the next frame. If strict, it checks each byte
// as soon as it has arrived. Otherwise it returns an error only if it cannot
// find the next frame.
func (r *Reader) readHeader(strict bool) error {
	if err := r.in.need(firstLength); err != nil {
		return err
	}
	b := r.in.peek(firstLength)
	r.head = header{
		fin:      b[0]&finBit != 0,
		rsv1:     b[0]&rsv1Bit != 0,
		reserved: b[0]&otherRsv != 0,
		opcode:   b[0] & 0xf,
		masked:   b[1]&maskBit != 0,
		short:    b[1] &^ maskBit,
	}
	if err := r.head.check(r.options.Inflate); strict && err != nil {
		return err
	}
	size := r.head.size()
	if err := r.in.need(size); err != nil {
		return err
	}
	return r.readLength(r.in.take(size), strict)
}

// size returns the length of the header in bytes.
func (h *header) size() int {
	n := firstLength
	switch h.short {
	case length16:
		n += 2
	case length64:
		n += 8
	}
	if h.masked {
		n += 4
	}
	return n
}

// check returns an error if the first two bytes break a rule.
func (h *header) check(inflate bool) error {
	switch {
	case h.reserved, h.rsv1 && !inflate, h.rsv1 && h.isControl():
		return violation("reserved bit set") // RFC 6455, 5.2, and RFC 7692, 6
	case h.opcode > websocket.BinaryMessage && h.opcode < opControl,
		h.opcode > websocket.PongMessage:
		return violation("reserved opcode") // RFC 6455, 5.2
	case !h.masked:
		return violation("frame of a client not masked") // RFC 6455, 5.1
	case h.isControl() && !h.fin:
		return violation("fragmented control frame") // RFC 6455, 5.5
	case h.isControl() && h.short > maxControl:
		return violation("control frame over 125 bytes") // RFC 6455, 5.5
	case h.opcode == websocket.CloseMessage && h.short == 1:
		return violation("close frame with half a code") // RFC 6455, 5.5.1
	}
	return nil
}

// readLength takes the length of the payload and the mask from a complete header.
func (r *Reader) readLength(b []byte, strict bool) error {
	shortest := true
	length := uint64(r.head.short)
	switch r.head.short {
	case length16:
		length = uint64(binary.BigEndian.Uint16(b[firstLength:]))
		shortest = length >= length16
	case length64:
		length = binary.BigEndian.Uint64(b[firstLength:])
		shortest = length > 1<<16-1
	}
	if r.head.masked {
		r.head.key = binary.LittleEndian.Uint32(b[len(b)-4:])
	}
	if length>>63 != 0 {
		r.left = 1<<63 - 1
		return violation("length with its highest bit set") // RFC 6455, 5.2
	}
	r.left = int64(length)
	if strict && !shortest {
		return violation("length not in its shortest form") // RFC 6455, 5.2
	}
	return nil
}
