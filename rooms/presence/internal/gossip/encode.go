package gossip

import "encoding/binary"

// The first two bytes of each message. The first is never that of a message of rooms, so
// that two programs on one subject do not take each other's messages for their own.
const (
	magic  = 'P'
	format = 1
)

const (
	kindBeat = iota + 1
	kindAsks
	kindList
	kindBye
)

// Encode returns the message as bytes.
func (m *Message) Encode() []byte {
	data := append([]byte{magic, format, 0}, m.From[:]...)
	kind := &data[2]
	switch {
	case m.Beat != nil:
		*kind = kindBeat
		return appendBeat(data, m.Beat)
	case m.List != nil:
		*kind = kindList
		return appendList(data, m.List)
	case m.Bye:
		*kind = kindBye
		return data
	}
	*kind = kindAsks
	return appendAsks(data, m.Asks)
}

func appendBeat(data []byte, b *Beat) []byte {
	data = binary.AppendUvarint(data, b.Seq)
	data = appendState(data, b.State)
	return appendBool(data, b.Hello)
}

func appendState(data []byte, s State) []byte {
	data = binary.AppendUvarint(data, s.Version)
	return binary.LittleEndian.AppendUint64(data, s.Digest)
}

func appendAsks(data []byte, asks []Ask) []byte {
	data = binary.AppendUvarint(data, uint64(len(asks)))
	for _, a := range asks {
		data = append(data, a.Of[:]...)
		data = binary.LittleEndian.AppendUint64(data, a.Nonce)
		data = binary.AppendUvarint(data, a.Have)
	}
	return data
}

func appendList(data []byte, l *List) []byte {
	data = binary.AppendUvarint(data, uint64(len(l.Nonces)))
	for _, nonce := range l.Nonces {
		data = binary.LittleEndian.AppendUint64(data, nonce)
	}
	for _, number := range []uint64{l.Seq, l.Base, l.To} {
		data = binary.AppendUvarint(data, number)
	}
	data = appendState(data, l.Now)
	data = appendBool(data, l.Whole)
	data = binary.AppendUvarint(data, uint64(len(l.Removed)))
	for _, number := range l.Removed {
		data = binary.AppendUvarint(data, number)
	}
	data = binary.AppendUvarint(data, uint64(len(l.Entries)))
	for i := range l.Entries {
		data = appendEntry(data, &l.Entries[i])
	}
	return data
}

func appendEntry(data []byte, e *Entry) []byte {
	data = binary.AppendUvarint(data, e.Number)
	data = binary.AppendUvarint(data, e.Version)
	data = binary.AppendVarint(data, e.Since)
	data = appendString(data, e.Room)
	data = appendString(data, e.Key)
	return appendString(data, e.Value)
}

func appendString[S string | []byte](data []byte, s S) []byte {
	data = binary.AppendUvarint(data, uint64(len(s)))
	return append(data, s...)
}

func appendBool(data []byte, b bool) []byte {
	if b {
		return append(data, 1)
	}
	return append(data, 0)
}
