package frame

import (
	"compress/flate"
	"errors"
	"io"
	"sync"
)

// tail is what the receiver adds to a message (RFC 7692, 7.2.2), and an empty
// final block, which shows package flate the end.
var tail = []byte("\x00\x00\xff\xff\x01\x00\x00\xff\xff")

// inflater feeds the payload of a compressed message to package flate.
type inflater struct {
	r     *Reader
	piece []byte // unmasked payload that flate has not read yet
	ended bool   // flate has got the tail too
	err   error  // why no more payload came, unless the message is complete
	flate io.ReadCloser
	over  [1]byte
}

var inflaters sync.Pool

// inflate reads a compressed message, and checks its content piece by piece.
func (r *Reader) inflate() error {
	z, ok := inflaters.Get().(*inflater)
	if !ok {
		z = new(inflater)
		z.flate = flate.NewReader(z)
	}
	z.r, z.piece, z.ended, z.err = r, nil, false, nil
	err := z.run()
	z.r, z.piece = nil, nil
	inflaters.Put(z)
	return err
}

func (z *inflater) run() error {
	for {
		z.flate.(flate.Resetter).Reset(z, nil)
		err := z.block()
		if err == nil {
			err = z.advance()
		}
		switch {
		case z.err != nil:
			return z.err // package flate may have replaced it
		case err != nil:
			return err
		case z.ended, len(z.piece) == 0:
			return nil
		}
		// Another block may follow a final one (RFC 7692, 7.2.3.4).
	}
}

// block inflates to the end of a final block.
func (z *inflater) block() error {
	m := &z.r.message
	for {
		room := z.over[:] // shows only whether more comes
		if len(m.data) < m.most {
			room = m.room(int64(min(flateRead, m.most-len(m.data))))
		}
		n, err := z.flate.Read(room)
		if n > 0 && len(m.data) == m.most {
			return tooBig(z.r.options.Limit)
		}
		m.data = m.data[:len(m.data)+n]
		if err := z.r.check(); err != nil {
			return err
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return violation("compressed data: " + err.Error()) // RFC 7692, 7.2.2
		}
	}
}

// flateRead is how much of a message is inflated at once.
const flateRead = 4 << 10

// advance fills piece with payload of the current frame, or of the next frame
// that has any. At the end of the message it leaves piece empty.
func (z *inflater) advance() error {
	r := z.r
	for len(z.piece) == 0 && z.err == nil {
		switch {
		case r.left > 0:
			if z.err = r.in.need(1); z.err == nil {
				z.piece = r.piece(int(min(r.left, int64(r.in.Buffered()))))
			}
		case r.head.fin:
			return nil
		default:
			z.err = r.proceed()
		}
	}
	return z.err
}

// next fills piece with payload, or with the tail after it.
func (z *inflater) next() error {
	switch {
	case z.advance() != nil:
		return errStopped
	case len(z.piece) > 0:
	case z.ended:
		return io.EOF
	default:
		z.piece, z.ended = tail, true
	}
	return nil
}

// errStopped passes through package flate instead of err, which flate could
// mistake for something else.
var errStopped = errors.New("no more payload")

// ReadByte and Read are for package flate. It reads no further than it must
// from a reader that has both.
func (z *inflater) ReadByte() (byte, error) {
	if err := z.next(); err != nil {
		return 0, err
	}
	b := z.piece[0]
	z.piece = z.piece[1:]
	return b, nil
}

func (z *inflater) Read(p []byte) (int, error) {
	if err := z.next(); err != nil {
		return 0, err
	}
	n := copy(p, z.piece)
	z.piece = z.piece[n:]
	return n, nil
}
