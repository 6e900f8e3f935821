package presence

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/codec"
	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
	"github.com/beatrichartz/martini-sockets/rooms/presence/internal/gossip"
)

// Visit is one connection of a person in a room.
type Visit[P any] struct {
	ID    string    // unique among the visits of all processes; it has no other meaning
	Since time.Time // when it began, by the clock of its process
	Value P         // the value of Enter or of the latest Update known here
}

func visitID(process gossip.ID, number uint64) string {
	return hex.EncodeToString(process[:]) + "-" + strconv.FormatUint(number, 10)
}

// Visitor controls one visit of this process. [Presence.Enter] makes it. All methods are
// safe for concurrent use.
type Visitor[P any] struct {
	presence  *Presence[P]
	number    uint64
	room, key string

	visit Visit[P] // only Value changes; Presence.mu protects it
	left  bool     // protected by Presence.mu
}

// ID returns the ID of the visit in the lists.
func (v *Visitor[P]) ID() string { return v.visit.ID }

// Update gives the visit another value, with the same rules and errors as
// [Presence.Enter]. After Leave it returns [ErrVisitorLeft].
func (v *Visitor[P]) Update(value P) error {
	p := v.presence
	data, err := p.encode(v.room, v.key, value)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.closed:
		return ErrClosed
	case v.left:
		return ErrVisitorLeft
	}
	v.visit.Value = value
	p.node.Put(gossip.Entry{Number: v.number, Value: data})
	p.set(v.room, v.key, v.visit)
	p.poke()
	return nil
}

// Leave ends the visit. It does not block. You may call it any number of times, also
// after Close.
func (v *Visitor[P]) Leave() {
	p := v.presence
	p.mu.Lock()
	defer p.mu.Unlock()
	v.left = true // from here on, each step does nothing when it is done again
	p.node.Remove(v.number)
	p.unset(v.room, v.key, v.visit.ID)
	p.poke()
}

// encode turns a value into bytes for the other processes. It decodes them as a check:
// otherwise only the other processes would notice that they cannot.
func (p *Presence[P]) encode(room, key string, value P) (data []byte, err error) {
	if p.options.Broker != nil {
		err = recovered.Call(func() (err error) {
			if data, err = p.options.Encode(value); err == nil {
				_, err = p.decode(data)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("rooms: encode a visit to %q: %w", room, err)
		}
	}
	if len(room)+len(key)+len(data) > p.options.MaxVisitSize {
		return nil, ErrVisitTooLarge
	}
	return data, nil
}

// decode calls Decode within a function of package recovered. Nil is an error.
func (p *Presence[P]) decode(data []byte) (value P, err error) {
	if value, err = p.options.Decode(data); err == nil && codec.IsNil(value) {
		err = codec.ErrNil
	}
	return value, err
}
