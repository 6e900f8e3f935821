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
	if err == nil && n > maxPayload {
		err = fmt.Errorf("wstest: a frame of %d bytes", n)
	}
	var k [4]byte
	if err == nil && f.Masked {
		err = readRest(r, k[:])
	}
	if err == nil {
		f.Payload = make([]byte, n)
		err = readRest(r, f.Payload)
	}
	if err != nil {
		return Frame{}, err
	}
	mask(k, f.Payload)
	return f, nil
}

// readLength reads the bytes after the first byte of the length. It records how many
// they are if there are more than needed.
func (f *Frame) readLength(r io.Reader, first byte) (uint64, error) {
	if first < 126 {
		return uint64(first), nil
	}
	var b [8]byte
	size, least := 2, uint64(126)
	if first == 127 {
		size, least = 8, 1<<16
	}
	err := readRest(r, b[8-size:])
	n := binary.BigEndian.Uint64(b[:])
	if n < least {
		f.Length = size
	}
	return n, err
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
