package sockets

import "encoding/binary"

// protocolError is a violation of RFC 6455 or RFC 7692 that gorilla v1.5.3 lets pass.
type protocolError string

func (e protocolError) Error() string { return "protocol error: " + string(e) }

const (
	errShortClose     = protocolError("close frame with a body of one byte")              // RFC 6455, 5.5.1
	errReservedBit    = protocolError("RSV1 on a frame that cannot begin a message")      // RFC 7692, 6
	errLongLength     = protocolError("payload length not in its shortest form")          // RFC 6455, 5.2
	errNegativeLength = protocolError("payload length with its most significant bit set") // RFC 6455, 5.2
)

// frameCheck follows the frames in the bytes of a peer, header by header, and finds the violations that gorilla does not
// look for. All others, bad masks and opcodes among them, are gorilla's to find.
type frameCheck struct {
	header  [10]byte // of the current frame, without the mask
	have    uint8    // bytes of the header seen
	payload uint64   // bytes of mask and payload still to come
	found   error    // the violation; behind it nothing can be told
}

// scan returns how many bytes of p may go on to gorilla: all of them with err, or those before a violation with that. A frame's header may
// have gone on in part, but never a frame.
func (c *frameCheck) scan(p []byte, err error) (int, error) {
	if c.found != nil {
		return 0, c.found
	}
	for i := 0; i < len(p); {
		if c.payload > 0 {
			n := min(c.payload, uint64(len(p)-i))
			c.payload -= n
			i += int(n)
			continue
		}
		c.header[c.have] = p[i]
		c.have++
		if c.found = c.advance(); c.found != nil {
			return i, c.found
		}
		i++
	}
	return len(p), err
}

// advance looks at the header after each of its bytes, and ends it with the last.
func (c *frameCheck) advance() error {
	if c.have < 2 {
		return nil
	}
	opcode, rsv1, masked, length := c.header[0]&0xf, c.header[0]&0x40 != 0, c.header[1]&0x80 != 0, uint64(c.header[1]&0x7f)
	switch {
	case rsv1 && opcode != opText && opcode != opBinary:
		return errReservedBit
	case opcode == opClose && length == 1:
		return errShortClose
	case length == 126 && c.have < 4, length == 127 && c.have < 10:
		return nil
	case length == 126:
		length = uint64(binary.BigEndian.Uint16(c.header[2:]))
		if length < 126 {
			return errLongLength
		}
	case length == 127:
		length = binary.BigEndian.Uint64(c.header[2:])
		if length < 1<<16 {
			return errLongLength
		}
		if length>>63 != 0 {
			return errNegativeLength
		}
	}
	c.have = 0
	c.payload = length
	if masked {
		c.payload += 4
	}
	return nil
}

const (
	opText   = 1
	opBinary = 2
	opClose  = 8
)
