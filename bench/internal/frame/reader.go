package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrFrame is what a reader returns for bytes that no benchmarked server should send:
// masked, fragmented or too long.
var ErrFrame = errors.New("frame: unexpected")

// CloseError is what a reader returns for a close frame.
type CloseError struct{ Body string }

func (e *CloseError) Error() string { return fmt.Sprintf("frame: the server closed: %q", e.Body) }

// The first byte of a frame (RFC 6455 5.2): two bits, and the opcodes that a reader tells
// apart.
const (
	fin      = 0x80
	rsv1     = 0x40 // compressed (RFC 7692 6)
	opText   = 1
	opBinary = 2
	opClose  = 8
	opPing   = 9
)

// Reader reads the unmasked frames of a server, as many in one read as have come. Not
// safe for concurrent use.
type Reader struct {
	src      io.Reader
	buf      []byte
	r, w     int       // buf[r:w] is read and not yet taken apart
	inflater *inflater // nil where compression was not agreed on
}

// NewReader returns a reader of src with room for size bytes; no frame may be longer.
func NewReader(src io.Reader, size int) *Reader {
	return &Reader{src: src, buf: make([]byte, size)}
}

// Inflate lets d accept compressed messages. Those that are not are an error from then
// on.
func (d *Reader) Inflate() { d.inflater = new(inflater) }

// Batch blocks until at least one message is whole, calls each for it and for every other
// that is already there, and returns how many there were. The payload is valid until each
// returns; its error ends the batch and is returned. Pings are skipped, a close frame is
// an error.
func (d *Reader) Batch(each func(payload []byte) error) (int, error) {
	n := 0
	for n == 0 {
		if err := d.fill(); err != nil {
			return 0, err
		}
		for {
			op, payload, err := d.next()
			if err != nil {
				return n, err
			}
			if payload == nil {
				break
			}
			if op == opPing {
				continue
			}
			if err := each(payload); err != nil {
				return n, err
			}
			n++
		}
	}
	return n, nil
}

// fill reads once, after moving what is left of the last read to the front.
func (d *Reader) fill() error {
	d.w = copy(d.buf, d.buf[d.r:d.w])
	d.r = 0
	if d.w == len(d.buf) {
		return fmt.Errorf("%w: longer than %d bytes", ErrFrame, len(d.buf))
	}
	n, err := d.src.Read(d.buf[d.w:])
	d.w += n
	if n > 0 {
		return nil
	}
	return err
}

// next takes one whole frame from the buffer; its payload is nil where there is none yet,
// never for an empty one.
func (d *Reader) next() (op byte, payload []byte, err error) {
	b := d.buf[d.r:d.w]
	if len(b) < 2 {
		return 0, nil, nil
	}
	at, size := 2, uint64(b[1])
	switch {
	case size == 126:
		if len(b) < 4 {
			return 0, nil, nil
		}
		at, size = 4, uint64(binary.BigEndian.Uint16(b[2:]))
	case size == 127:
		if len(b) < 10 {
			return 0, nil, nil
		}
		at, size = 10, binary.BigEndian.Uint64(b[2:])
	}
	switch op = b[0] & 0x0f; {
	case !d.expected(b[0]) || b[1]&0x80 != 0:
		return 0, nil, fmt.Errorf("%w: header %x", ErrFrame, b[:2])
	case uint64(len(b)-at) < size:
		return 0, nil, nil
	}
	d.r += at + int(size)
	payload = b[at : at+int(size) : at+int(size)]
	switch {
	case op == opClose:
		return 0, nil, &CloseError{string(payload)}
	case b[0]&rsv1 != 0:
		payload, err = d.inflater.inflate(payload)
	}
	return op, payload, err
}

// expected reports whether a frame may start with b.
func (d *Reader) expected(b byte) bool {
	switch b & 0x0f {
	case opText, opBinary:
		return b&0xf0 == fin && d.inflater == nil || b&0xf0 == fin|rsv1 && d.inflater != nil
	case opPing, opClose:
		return b&0xf0 == fin
	}
	return false
}
