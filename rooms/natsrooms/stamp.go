package natsrooms

import (
	"crypto/rand"
	"encoding/binary"
)

// stamp is the head of each message: which broker sent it, and on which of its network
// connections. The package comment describes it under Wire format.
//
// If a network is stuck and a broker connects again, messages from the old connection
// may still be on their way. NATS would deliver them after messages of the new
// connection: late, and out of order. Receivers recognize them by the stamp, and drop
// them. They count as lost in the outage, which the sender's process reports.
//
// A stamp is made before nats.go has the message, so it may name a connection that was
// replaced in between. Then a message may be dropped although it is not late. That loss
// is reported too: the sender learns of the outage after it sent the message. A stamp
// never names a later connection than the one that carries the message.
type stamp struct {
	sender     [8]byte // random, one for each broker
	generation uint64  // counts connections; it grows, but not always by one
}

const (
	stampFormat = 1 // the first byte; another version has another one
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

// unseal splits what seal made. data shares the memory of sealed.
func unseal(sealed []byte) (s stamp, data []byte, ok bool) {
	if len(sealed) < stampSize || sealed[0] != stampFormat {
		return s, nil, false
	}
	copy(s.sender[:], sealed[1:])
	s.generation = binary.BigEndian.Uint64(sealed[stampSize-8:])
	return s, sealed[stampSize:], true
}

// maxSenders limits how many senders are remembered, because processes come and go.
const maxSenders = 1 << 12

// generations holds the newest generation of each sender. One goroutine uses it.
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
