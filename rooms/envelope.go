package rooms

import (
	"crypto/rand"
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
