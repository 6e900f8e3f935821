package rooms

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// origin identifies one Rooms. It travels with each message, so that a Rooms can drop its
// own messages: not every network can leave out the sender.
type origin [16]byte

func newOrigin() (o origin) {
	rand.Read(o[:]) // never fails
	return o
}

// The first byte of what is published, or appended to a log. Another version has others.
const (
	entryFormat   = 2
	messageFormat = 3
	countFormat   = 4 // without a body: it only says the number of the last message
)

// envelope is what stands before the body of a published message.
type envelope struct {
	format byte
	from   origin
	// A message's number is one more than that of the message before it, in its room and
	// from its origin. The first has start+1. Start is 0 or the number of an earlier message.
	start, number uint64
}

func (e envelope) seal(body []byte) []byte {
	data := make([]byte, 0, 1+len(e.from)+2*binary.MaxVarintLen64+len(body))
	data = append(data, e.format)
	data = append(data, e.from[:]...)
	data = binary.AppendUvarint(data, e.start)
	data = binary.AppendUvarint(data, e.number-e.start)
	return append(data, body...)
}

// maxNumber keeps forged numbers from overflowing.
const maxNumber = 1 << 62

var errNotOurs = errors.New("not from rooms, or another version of them")

// unseal splits what seal made. The body shares the memory of data.
func unseal(data []byte) (e envelope, body []byte, err error) {
	if len(data) < 1+len(e.from) || data[0] != messageFormat && data[0] != countFormat {
		return e, nil, errNotOurs
	}
	e.format = data[0]
	body = data[1+copy(e.from[:], data[1:]):]
	var counted uint64
	for _, number := range []*uint64{&e.start, &counted} {
		n := 0
		if *number, n = binary.Uvarint(body); n <= 0 {
			return e, nil, errNotOurs
		}
		body = body[n:]
	}
	if e.number = e.start + counted; counted == 0 || max(e.start, counted) > maxNumber {
		return e, nil, errNotOurs
	}
	return e, body, nil
}

// sealEntry puts a header before an encoded message. It names the one member that must
// not get the message, by its Rooms and its number; the number is 0 if there is none.
func sealEntry(from origin, except uint64, body []byte) []byte {
	data := make([]byte, 0, 1+len(from)+binary.MaxVarintLen64+len(body))
	data = append(data, entryFormat)
	data = append(data, from[:]...)
	data = binary.AppendUvarint(data, except)
	return append(data, body...)
}

// unsealEntry splits what sealEntry made. The body shares the memory of data.
func unsealEntry(data []byte) (from origin, except uint64, body []byte, err error) {
	if len(data) > len(from) && data[0] == entryFormat {
		copy(from[:], data[1:])
		var n int
		if except, n = binary.Uvarint(data[1+len(from):]); n > 0 {
			return from, except, data[1+len(from)+n:], nil
		}
	}
	return from, 0, nil, errNotOurs
}

// keyOf returns the key of an entry, if messages have keys. One that cannot be decoded
// has none: openEntry reports it.
func (c *onLog[M]) keyOf(e Entry) (key string) {
	if c.options.Latest == nil {
		return ""
	}
	_, _, body, err := unsealEntry(e.Data)
	if err != nil {
		return ""
	}
	_ = recovered.Apart(func() error {
		msg, err := c.options.Decode(slices.Clone(body)) // it may keep it
		if err == nil {
			key = c.options.key(msg)
		}
		return err
	})
	return key
}

// openEntry decodes an entry of a log. It counts and reports one that it cannot decode,
// and then ok is false.
func (c *onLog[M]) openEntry(name string, e Entry) (msg sized[M], except uint64, ok bool) {
	from, except, body, err := unsealEntry(e.Data)
	if err == nil {
		msg, err = c.accept(body, &e.Place)
	}
	if err != nil {
		c.undecodable(name, err)
		return msg, 0, false
	}
	if from != c.origin {
		except = 0
	}
	return msg, except, true
}
