package gossip

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// MaxMessage is the size of the longest message that is looked at. Own messages are much
// shorter: see Limits.Part.
const MaxMessage = 1 << 20

// What is wrong with a message.
var (
	errForeign       = errors.New("not a message of presence, or of another version of it")
	errTooLong       = errors.New("the message is too long")
	errMalformed     = errors.New("the message is cut off or has something appended")
	errContradiction = errors.New("the message contradicts itself")
)

// Parse takes apart what Encode made. For any input, it uses at most about 25 times
// len(data) of memory. The message that it returns is consistent: see check. Values of
// entries share memory with data.
func Parse(data []byte) (*Message, error) {
	if len(data) > MaxMessage {
		return nil, errTooLong
	}
	if len(data) < 3 || data[0] != magic || data[1] != format {
		return nil, errForeign
	}
	p := parser{data: data[3:]}
	m := &Message{From: p.id()}
	switch data[2] {
	case kindBeat:
		m.Beat = &Beat{Seq: p.uvarint(), State: p.state(), Hello: p.bool()}
	case kindAsks:
		m.Asks = p.asks()
	case kindList:
		m.List = p.list()
	case kindBye:
		m.Bye = true
	default:
		return nil, errForeign
	}
	if p.bad || len(p.data) > 0 {
		return nil, errMalformed
	}
	if m.List != nil {
		return m, m.List.check()
	}
	return m, nil
}

// check finds lists that no process can have meant.
func (l *List) check() error {
	if l.Base > l.To || l.To > l.Now.Version {
		return fmt.Errorf("%w: versions %d to %d of %d", errContradiction, l.Base, l.To, l.Now.Version)
	}
	numbers := make(map[uint64]struct{}, len(l.Entries)+len(l.Removed))
	for _, number := range l.Removed {
		numbers[number] = struct{}{}
	}
	before := l.Base
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Version <= before || e.Version > l.To {
			return fmt.Errorf("%w: version %d after %d", errContradiction, e.Version, before)
		}
		before = e.Version
		numbers[e.Number] = struct{}{}
	}
	if len(numbers) < len(l.Entries)+len(l.Removed) {
		return fmt.Errorf("%w: a number is there twice", errContradiction)
	}
	return nil
}

// parser reads from data. When data ends too soon, bad is set: then ignore the results.
type parser struct {
	data []byte
	bad  bool
}

func (p *parser) take(n uint64) []byte {
	if p.bad || n > uint64(len(p.data)) {
		p.bad = true
		return nil
	}
	taken := p.data[:n:n]
	p.data = p.data[n:]
	return taken
}

func (p *parser) uvarint() uint64 {
	v, n := binary.Uvarint(p.data)
	p.take(uint64(max(n, 0)))
	p.bad = p.bad || n <= 0
	return v
}

func (p *parser) varint() int64 {
	v, n := binary.Varint(p.data)
	p.take(uint64(max(n, 0)))
	p.bad = p.bad || n <= 0
	return v
}

func (p *parser) fixed() uint64 {
	taken := p.take(8)
	if p.bad {
		return 0
	}
	return binary.LittleEndian.Uint64(taken)
}

func (p *parser) bool() bool {
	taken := p.take(1)
	p.bad = p.bad || taken[0] > 1
	return !p.bad && taken[0] == 1
}

func (p *parser) id() (id ID) {
	copy(id[:], p.take(uint64(len(id))))
	return id
}

func (p *parser) bytes() []byte { return p.take(p.uvarint()) }

// count reads how many things follow, each of at least some bytes. A count for which data
// is too short is bad: nothing must be allocated for it.
func (p *parser) count(least int) int {
	n := p.uvarint()
	if n > uint64(len(p.data)/least) {
		p.bad = true
	}
	if p.bad {
		return 0
	}
	return int(n)
}

func (p *parser) state() State { return State{Version: p.uvarint(), Digest: p.fixed()} }

func (p *parser) asks() []Ask {
	asks := make([]Ask, p.count(25))
	for i := range asks {
		asks[i] = Ask{Of: p.id(), Nonce: p.fixed(), Have: p.uvarint()}
	}
	return asks
}

func (p *parser) list() *List {
	l := &List{Nonces: make([]uint64, p.count(8))}
	for i := range l.Nonces {
		l.Nonces[i] = p.fixed()
	}
	l.Seq, l.Base, l.To = p.uvarint(), p.uvarint(), p.uvarint()
	l.Now = p.state()
	l.Whole = p.bool()
	l.Removed = make([]uint64, p.count(1))
	for i := range l.Removed {
		l.Removed[i] = p.uvarint()
	}
	l.Entries = make([]Entry, p.count(6))
	for i := range l.Entries {
		l.Entries[i] = p.entry()
	}
	return l
}

func (p *parser) entry() Entry {
	return Entry{
		Number:  p.uvarint(),
		Version: p.uvarint(),
		Since:   p.varint(),
		Room:    string(p.bytes()),
		Key:     string(p.bytes()),
		Value:   p.bytes(),
	}
}
