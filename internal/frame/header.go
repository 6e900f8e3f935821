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
	maskLength  = 4
)

// header is the header of a frame.
type header struct {
	fin, rsv1, reserved, masked bool

	opcode byte
	short  byte   // the first seven bits of the length
	key    uint32 // the mask, rotated to the next byte of the payload
}

func (h *header) isControl() bool { return h.opcode >= opControl }

// readHeader reads the header of the next frame. It checks the first two bytes before it
// waits for the others.
func (r *Reader) readHeader() error {
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
	if err := r.head.check(r.options.Inflate); err != nil {
		return err
	}
	size := r.head.size()
	if err := r.in.need(size); err != nil {
		return err
	}
	return r.readLength(r.in.take(size))
}

// size returns the length in bytes of a header that check has passed: it has a mask.
func (h *header) size() int {
	switch h.short {
	case length16:
		return firstLength + 2 + maskLength
	case length64:
		return firstLength + 8 + maskLength
	}
	return firstLength + maskLength
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
func (r *Reader) readLength(b []byte) error {
	length, least := uint64(r.head.short), uint64(0)
	switch r.head.short {
	case length16:
		length, least = uint64(binary.BigEndian.Uint16(b[firstLength:])), length16
	case length64:
		length, least = binary.BigEndian.Uint64(b[firstLength:]), 1<<16
	}
	switch {
	case length>>63 != 0:
		return violation("length with its highest bit set") // RFC 6455, 5.2
	case length < least:
		return violation("length not in its shortest form") // RFC 6455, 5.2
	}
	r.left = int64(length)
	r.head.key = binary.LittleEndian.Uint32(b[len(b)-maskLength:])
	return nil
}
