package rooms

import (
	"crypto/rand"
	"errors"
)

// origin tells one Rooms from all others. It travels with each message, so that a message
// never comes back to where it was sent, whatever the broker does: not every network can
// leave out the sender.
type origin [16]byte

// format is the first byte of what is published; another one is another version's.
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

// unseal takes apart what seal made; the body shares its memory.
func unseal(data []byte) (from origin, body []byte, err error) {
	if len(data) < 1+len(from) || data[0] != format {
		return from, nil, errors.New("not from rooms, or another version of them")
	}
	copy(from[:], data[1:])
	return from, data[1+len(from):], nil
}
