package wstest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// String formats the frame for the message of a failed test.
func (f Frame) String() string {
	if f.Opcode == OpClose && len(f.Payload) > 1 {
		return fmt.Sprintf("close %d %q", binary.BigEndian.Uint16(f.Payload), f.Payload[2:])
	}
	return fmt.Sprintf("opcode %#x fin=%t rsv=%#x %d bytes %.64q", f.Opcode, f.Fin, f.Rsv,
		len(f.Payload), f.Payload)
}

// CloseCode parses the body of a close frame. It returns 1005 for an empty body
// (RFC 6455, section 7.1.5).
func (f Frame) CloseCode() (code int, reason string, err error) {
	switch {
	case f.Opcode != OpClose:
		return 0, "", fmt.Errorf("wstest: not a close frame: %v", f)
	case len(f.Payload) == 0:
		return 1005, "", nil
	case len(f.Payload) == 1:
		return 0, "", errors.New("wstest: a close frame with a body of one byte")
	case !utf8.Valid(f.Payload[2:]):
		return 0, "", fmt.Errorf("wstest: the reason %q is not UTF-8", f.Payload[2:])
	}
	return int(binary.BigEndian.Uint16(f.Payload)), string(f.Payload[2:]), nil
}
