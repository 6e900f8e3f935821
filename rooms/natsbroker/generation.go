package natsbroker

import (
	"crypto/rand"
	"encoding/binary"
)

// stamp is what goes in front of each message: which broker sent it, and on which of its
// network connections. The package comment has the format, under Wire format.
//
// When a network stands still and a broker connects anew, what it had sent on the old
// connection may still be on its way. NATS takes it from there after messages of the new
// connection: late, and out of order. By the stamp receivers know it, and drop it: it is
// lost in the outage, of which the sender's process is told.
//
// A stamp is made before nats.go has the message, so it may name a connection that was
// replaced in between. Such a message may be dropped though it is not late. The sender is
// told of that outage after the message, so this is no silent loss either. The other way
// round, a stamp never names a connection later than the one that carries the message.
type stamp struct {
	sender     [8]byte // random, one for each broker
	generation uint64  // counts the connections; grows, but not by one
}

const (
	stampFormat = 1 // the first byte; another one is another version's
	stampSize   = 1 + 8 + 8
)

func newSender() (sender [8]byte) {
	rand.Read(sender[:]) // never fails
	return sender
}

// seal puts the stamp in front of a copy of data.
func (s stamp) seal(data []byte) []byte {
	sealed := make([]byte, 0, stampSize+len(data))
	sealed = append(sealed, stampFormat)
	sealed = append(sealed, s.sender[:]...)
	sealed = binary.BigEndian.AppendUint64(sealed, s.generation)
	return append(sealed, data...)
}

// restamp changes the generation of what seal has made.
func restamp(sealed []byte, generation uint64) {
	binary.BigEndian.PutUint64(sealed[stampSize-8:], generation)
}

// unseal takes apart what seal has made. Data shares its memory.
func unseal(sealed []byte) (s stamp, data []byte, ok bool) {
	if len(sealed) < stampSize || sealed[0] != stampFormat {
		return s, nil, false
	}
	copy(s.sender[:], sealed[1:])
	s.generation = binary.BigEndian.Uint64(sealed[stampSize-8:])
	return s, sealed[stampSize:], true
}

// maxSenders bounds what generations remember: processes come and go.
const maxSenders = 1 << 12

// generations are the newest of each sender. One goroutine uses them.
type generations map[[8]byte]uint64

// late reports whether a message is from a connection that its sender has replaced.
func (g generations) late(s stamp) bool {
	newest, known := g[s.sender]
	if s.generation < newest {
		return true
	}
	if !known && len(g) >= maxSenders {
		clear(g)
	}
	g[s.sender] = s.generation
	return false
}
