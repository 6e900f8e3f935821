package rooms

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
)

// origin identifies one Rooms. It travels with each message, so that a Rooms can drop its
// own messages: not every network can leave out the sender.
type origin [16]byte

// format is the first byte of each published message. Another version has another one.
const format = 1

func newOrigin() (o origin) {
	rand.Read(o[:]) // never fails
	return o
}

// seal puts the format and the origin in front of an encoded message.
func seal(from origin, body []byte) []byte {
	data := make([]byte, 0, 1+len(from)+len(body))
	data = append(data, format)
	data = append(data, from[:]...)
	return append(data, body...)
}

// unseal splits what seal made. The body shares the memory of data.
func unseal(data []byte) (from origin, body []byte, err error) {
	if len(data) < 1+len(from) || data[0] != format {
		return from, nil, errors.New("not from rooms, or another version of them")
	}
	copy(from[:], data[1:])
	return from, data[1+len(from):], nil
}

// entryFormat is the first byte of what is appended to a log.
const entryFormat = 2

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
	return from, 0, nil, errors.New("not from rooms, or another version of them")
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
