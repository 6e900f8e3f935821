package frame

import (
	"compress/flate"
	"errors"
	"io"
	"sync"
)

// tail is what RFC 7692, 7.2.2, has the receiver add to a message, and an empty final block,
// which makes package flate see the end.
var tail = []byte("\x00\x00\xff\xff\x01\x00\x00\xff\xff")

// inflater feeds the payload of a compressed message to package flate.
type inflater struct {
	r     *Reader
	piece []byte // unmasked payload that was not given yet
	ended bool   // the tail was given, too
	err   error  // why there is no more payload, if that is not the message's end
	flate io.ReadCloser
}

var inflaters sync.Pool

// inflate reads a compressed message, and checks what comes out of it piece by piece.
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
		switch {
		case err != nil && z.err != nil:
			return z.err
		case err != nil:
			return err
		case z.done():
			return nil
		}
		// Another block follows a final one, as RFC 7692, 7.2.3.4, allows.
	}
}

// block inflates up to the end of a final block.
func (z *inflater) block() error {
	m, limit := &z.r.message, z.r.options.Limit
	for {
		// One byte more than the limit is enough to tell.
		n, err := z.flate.Read(m.room(flateRead))
		m.data = m.data[:len(m.data)+n]
		if limit > 0 && int64(len(m.data)) > limit {
			return tooBig()
		}
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

// flateRead is how much of a message is inflated at a time.
const flateRead = 4 << 10

// done reports whether the payload was read to its end.
func (z *inflater) done() bool {
	return z.ended || len(z.piece) == 0 && z.r.left == 0 && z.r.head.fin
}

// next makes piece hold something: payload of the current frame, of the next, or the tail.
func (z *inflater) next() error {
	r := z.r
	for len(z.piece) == 0 {
		switch {
		case r.left > 0:
			if z.err = r.in.need(1); z.err == nil {
				z.piece = r.piece(int(min(r.left, int64(r.in.buffered()))))
			}
		case !r.head.fin:
			z.err = r.proceed()
		case !z.ended:
			z.piece, z.ended = tail, true
		default:
			return io.EOF
		}
		if z.err != nil {
			return errStopped
		}
	}
	return nil
}

// errStopped goes through package flate in the place of err, which it could be confused by.
var errStopped = errors.New("no more payload")

// ReadByte and Read are for package flate, which reads no further than it has to where both
// are there.
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
