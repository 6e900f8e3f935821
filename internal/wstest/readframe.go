package wstest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// String shows the frame in the message of a failed test.
func (f Frame) String() string {
	names := map[byte]string{OpContinuation: "continuation", OpText: "text", OpBinary: "binary", OpClose: "close", OpPing: "ping", OpPong: "pong"}
	name := names[f.Opcode]
	if name == "" {
		name = fmt.Sprintf("opcode %#x", f.Opcode)
	}
	if f.Opcode == OpClose {
		code, reason, err := f.CloseCode()
		if err != nil {
			return fmt.Sprintf("close % x", f.Payload)
		}
		return fmt.Sprintf("close %d %q", code, reason)
	}
	if len(f.Payload) > 64 {
		return fmt.Sprintf("%s fin=%t rsv=%#x %d bytes %q...", name, f.Fin, f.Rsv, len(f.Payload), f.Payload[:64])
	}
	return fmt.Sprintf("%s fin=%t rsv=%#x %q", name, f.Fin, f.Rsv, f.Payload)
}

// CloseCode reads the body of a close frame: 1005 stands for an empty one, as in RFC 6455, section 7.1.5.
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

// maxPayload bounds what ReadFrame believes.
const maxPayload = 64 << 20

// ReadFrame reads one frame, masked or not; Payload is unmasked. io.EOF means that r ended between two frames.
func ReadFrame(r io.Reader) (Frame, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Frame{}, err
	}
	f := Frame{
		Fin:    head[0]&0x80 != 0,
		Rsv:    head[0] & 0x70,
		Opcode: head[0] & 0x0F,
		Masked: head[1]&0x80 != 0,
	}
	n := uint64(head[1] & 0x7F)
	var more [8]byte
	size := 0
	switch n {
	case 126:
		f.Length, size = Length16, 2
	case 127:
		f.Length, size = Length64, 8
	}
	if size > 0 {
		if err := readRest(r, more[8-size:]); err != nil {
			return Frame{}, err
		}
		n = binary.BigEndian.Uint64(more[:])
	}
	if n > maxPayload {
		return Frame{}, fmt.Errorf("wstest: a frame of %d bytes", n)
	}
	var k [4]byte
	if f.Masked {
		if err := readRest(r, k[:]); err != nil {
			return Frame{}, err
		}
	}
	f.Payload = make([]byte, n)
	if err := readRest(r, f.Payload); err != nil {
		return Frame{}, err
	}
	mask(k, f.Payload)
	return f, nil
}

// readRest fills p; that r ends before is never the regular end.
func readRest(r io.Reader, p []byte) error {
	_, err := io.ReadFull(r, p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func mask(k [4]byte, p []byte) {
	for i := range p {
		p[i] ^= k[i%4]
	}
}
