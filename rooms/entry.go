package rooms

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// entryFormat is the first byte of what is appended to a log.
const entryFormat = 2

// sealEntry puts a header before an encoded message. It names the one member that must not
// get the message, by its Rooms and its number; the number is 0 if there is none.
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

// openEntry decodes an entry of a log. It counts and reports one that it cannot decode, and
// then ok is false.
func (r *Rooms[M]) openEntry(name string, e Entry) (msg sized[M], except uint64, ok bool) {
	from, except, body, err := unsealEntry(e.Data)
	if err == nil {
		msg, err = r.accept(body, &e.Place)
	}
	if err != nil {
		r.counts.undecodable.Add(1)
		r.options.OnError(name, fmt.Errorf("%w in %q: %w", ErrUndecodable, name, err))
		return msg, 0, false
	}
	if from != r.origin {
		except = 0
	}
	return msg, except, true
}
