// Package stamp marks what a broker publishes, so that receivers drop what comes late.
package stamp

import (
	"crypto/rand"
	"encoding/binary"
)

// Stamp is the head of each message: which broker sent it, and after how many breaks.
// The packages of the brokers describe it under Wire format.
//
// If a network is stuck and a broker goes on over another connection, messages from the
// old one may still be on their way. They would be delivered after those of the new one:
// late, and out of order. Receivers recognize them by the stamp, and drop them. They
// count as lost.
//
// A stamp is made before the message is sent, so it may be older than the connection
// that carries it; it is never newer. A broker publishes to a room one message at a time,
// so within a room that drops none. Between rooms it would.
type Stamp struct {
	Sender     [8]byte // random, one for each broker
	Generation uint64  // counts breaks; it grows, but not always by one
}

const (
	format = 1 // the first byte; another version has another one
	size   = 1 + 8 + 8
)

// NewSender returns a random sender.
func NewSender() (sender [8]byte) {
	rand.Read(sender[:]) // never fails
	return sender
}

// Seal puts the stamp in front of a copy of data.
func (s Stamp) Seal(data []byte) []byte {
	sealed := make([]byte, 0, size+len(data))
	sealed = append(sealed, format)
	sealed = append(sealed, s.Sender[:]...)
	sealed = binary.BigEndian.AppendUint64(sealed, s.Generation)
	return append(sealed, data...)
}

// Unseal splits what Seal made. data shares the memory of sealed.
func Unseal(sealed []byte) (s Stamp, data []byte, ok bool) {
	if len(sealed) < size || sealed[0] != format {
		return s, nil, false
	}
	copy(s.Sender[:], sealed[1:])
	s.Generation = binary.BigEndian.Uint64(sealed[size-8:])
	return s, sealed[size:], true
}

// maxSenders limits how many senders are remembered, because processes come and go.
const maxSenders = 1 << 12

// Listener is a subscribed room. Its methods have one caller at a time.
type Listener struct {
	Receive func(data []byte, lost error) // as in rooms.Broker
	newest  generations
}

// Take gives the room what was published, unless it is late. A message without a stamp
// goes to the room as it is.
func (l *Listener) Take(sealed []byte) {
	from, data, ok := Unseal(sealed)
	switch {
	case !ok:
		l.Receive(sealed, nil)
	case !l.newest.late(from):
		l.Receive(data, nil)
	}
}

// Lose tells the room of a loss. It has no use for a nil one.
func (l *Listener) Lose(loss error) {
	if loss != nil {
		l.Receive(nil, loss)
	}
}

// generations holds the newest generation of each sender that has had a break.
type generations struct{ newest map[[8]byte]uint64 }

// late reports whether a message is from before a break of its sender, and a message
// from after it has come.
func (g *generations) late(s Stamp) bool {
	newest := g.newest[s.Sender]
	if s.Generation <= newest {
		return s.Generation < newest
	}
	switch _, known := g.newest[s.Sender]; {
	case g.newest == nil:
		g.newest = make(map[[8]byte]uint64)
	case !known && len(g.newest) >= maxSenders:
		clear(g.newest)
	}
	g.newest[s.Sender] = s.Generation
	return false
}
