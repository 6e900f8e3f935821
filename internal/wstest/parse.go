package wstest

import (
	"encoding/binary"
	"fmt"
	"io"
)

// maxPayload is the largest length that ReadFrame accepts.
const maxPayload = 64 << 20

// ReadFrame reads one frame, masked or not, and unmasks its payload. It returns
// io.EOF if r ends between two frames.
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
	n, err := f.readLength(r, head[1]&0x7F)
	if err != nil {
		return Frame{}, err
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

// readLength reads the bytes after the first byte of the length. It records a
// form that is longer than necessary.
func (f *Frame) readLength(r io.Reader, first byte) (uint64, error) {
	var b [8]byte
	switch first {
	default:
		return uint64(first), nil
	case 126:
		err := readRest(r, b[6:])
		n := binary.BigEndian.Uint64(b[:])
		if n < 126 {
			f.Length = Length16
		}
		return n, err
	case 127:
		err := readRest(r, b[:])
		n := binary.BigEndian.Uint64(b[:])
		if n <= 0xFFFF {
			f.Length = Length64
		}
		return n, err
	}
}

// readRest fills p. If r ends first, that is io.ErrUnexpectedEOF.
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
