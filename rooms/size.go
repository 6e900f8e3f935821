package rooms

import (
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// sized is a message and its size in bytes for the backlog, or 0 if messages have no
// length. A message is measured once for all members, and before any lock is taken: its
// methods may be the user's.
type sized[M any] struct {
	message M
	size    int
}

// errNotUTF8 is the error for a text that no text message can carry (RFC 6455, 5.6).
var errNotUTF8 = errors.New("the text is not valid UTF-8")

// sizeOf returns a function that measures an M in bytes, as a member's client gets it. Its
// error means that no member can be sent the message. It is nil if the size of an M is
// unknown.
//
// The type switch on the function happens once, so that measuring a string or a byte slice
// costs neither reflection nor an allocation.
func sizeOf[M any]() func(M) (int, error) {
	var size func(M) (int, error)
	t := reflect.TypeFor[M]()
	switch f := any(&size).(type) {
	case *func(string) (int, error):
		*f = sizeOfText
	case *func([]byte) (int, error):
		*f = func(m []byte) (int, error) { return len(m), nil }
	default:
		switch {
		case t.Implements(lener) && isBinary[M]():
			size = sizeByMethod[M]
		case lostInJSON(t) == "":
			size = sizeOfJSON[M]
		}
	}
	return size
}

func sizeOfText(m string) (int, error) {
	if !utf8.ValidString(m) {
		return 0, errNotUTF8
	}
	return len(m), nil
}

// sizeByMethod asks an empty message for its bytes as well: its type may refuse a value
// that was never filled in.
func sizeByMethod[M any](m M) (int, error) {
	size := lengthByMethod(m)
	if size > 0 {
		return size, nil
	}
	_, err := encodeBinary(m)
	return 0, err
}

// judge measures a message. Its error means that the members cannot be sent it. The
// message's methods may be the user's, so call it without a lock and within
// recovered.Call.
func (c *config[M]) judge(msg M) (s sized[M], err error) {
	s.message = msg
	if c.length != nil {
		s.size = c.length(msg)
	}
	if c.MaxMessageSize == off || c.sizeOf == nil {
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
		return err
	})
	return s, body, r.refuse(name, err)
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
