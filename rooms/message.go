package rooms

import (
	"fmt"

	"github.com/beatrichartz/martini-sockets/rooms/internal/codec"
	"github.com/beatrichartz/martini-sockets/rooms/internal/limit"
	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// sized is a message and its size in bytes for the backlog, or 0 if messages have no
// length. A message is measured once for all members, and before any lock is taken: its
// methods may be the user's. So may Latest, which tells its key.
type sized[M any] struct {
	message M
	size    int
	key     string
}

// judge measures a message. Its error means that the members cannot be sent it. The
// message's methods may be the user's, so call it without a lock and within
// recovered.Call.
func (c *config[M]) judge(msg M) (s sized[M], err error) {
	s.message = msg
	if c.length != nil {
		s.size = c.length(msg)
	}
	if c.MaxMessageSize == limit.Off || c.sizeOf == nil {
		return s, nil
	}
	size, err := c.sizeOf(msg)
	if err != nil {
		return s, err
	}
	return s, c.fits(size)
}

// prepare judges a message that this process says, and encodes it for the broker or the
// log. If it returns an error, nobody must get the message; the error has been reported.
func (r *Rooms[M]) prepare(name string, msg M) (s sized[M], body []byte, err error) {
	o := &r.options
	err = recovered.Call(func() (err error) {
		if !o.travelsAsJSON {
			s, err = o.judge(msg)
		}
		if err == nil && o.Encode != nil {
			body, err = o.Encode(msg)
		}
		if err == nil && o.travelsAsJSON { // as it is measured, so encode it once
			s.message, err = msg, o.fits(len(body))
		}
		if err == nil {
			s.key = o.key(msg)
		}
		return err
	})
	return s, body, r.refuse(name, err)
}

// key returns the key of a message, "" if it has none. Call it within recovered.Call.
func (c *config[M]) key(msg M) string {
	if c.Latest == nil || codec.IsNil(msg) {
		return ""
	}
	return c.Latest(msg)
}

// refuse reports the error of a message that cannot be sent, and returns it.
func (r *Rooms[M]) refuse(name string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%w in %q: %w", ErrUnsendable, name, err)
	r.fail(name, err)
	return err
}

func (c *config[M]) fits(size int) error {
	if size > c.MaxMessageSize {
		return fmt.Errorf("%w: %d bytes, at most %d are allowed",
			ErrMessageTooBig, size, c.MaxMessageSize)
	}
	return nil
}

// accept turns what another process sent into a message: it decodes it, finds its key,
// marks it with its place if it comes from a log, and measures it. All of that calls code
// of the user, and what was sent must not end this process, the connections of the
// members, or the goroutine of a broker or a log. So a panic becomes an error, and so do
// runtime.Goexit and nil.
func (r *Rooms[M]) accept(body []byte, at *Place) (s sized[M], err error) {
	call := recovered.Apart
	if r.options.plain {
		call = recovered.Call
	}
	err = call(func() error {
		msg, err := r.options.Decode(body)
		if err != nil {
			return err
		}
		key := r.options.key(msg) // first: what Stamp makes of it need not have one
		if at != nil && r.options.Stamp != nil {
			msg = r.options.Stamp(msg, at.String())
		}
		if codec.IsNil(msg) {
			return codec.ErrNil
		}
		s, err = r.options.judge(msg)
		s.key = key
		return err
	})
	return s, err
}

// undecodable counts and reports a message that accept refused.
func (r *Rooms[M]) undecodable(name string, err error) {
	r.counts.undecodable.Add(1)
	r.options.OnError(name, fmt.Errorf("%w in %q: %w", ErrUndecodable, name, err))
}
