package gossip

import (
	"slices"
	"time"
)

// peer holds what is known of another process: when it was heard, and its entries.
type peer struct {
	heard time.Time // when it was last certainly alive
	quiet time.Time // until then it is ignored, because it exceeded the limits
	seq   uint64    // of its last beat
	said  State     // the state in its last message

	ask   bool      // to be asked with the next asks
	asked time.Time // when it was last asked
	nonce uint64    // of that ask, until it is answered in full; 0 for none

	known bool // copy began with an answer to an ask
	replica
}

// differs reports whether the copy is not what the process said last.
func (p *peer) differs() bool { return !p.known || p.State != p.said }

// have returns the version from which to ask. If the process has not reached the copy's
// version, or reached it with other entries, the copy is wrong, and have returns 0.
func (p *peer) have() uint64 {
	if !p.known || p.Version >= p.said.Version {
		return 0
	}
	return p.Version
}

// fresh reports whether l answers the last ask, and so was made after it.
func (p *peer) fresh(l *List) bool { return p.nonce != 0 && slices.Contains(l.Nonces, p.nonce) }

// wants reports whether l continues the copy, or begins one.
func (p *peer) wants(l *List) bool {
	switch {
	case p.fresh(l):
		return l.Whole && l.Base == 0 || p.known && l.Base <= p.Version
	case !p.known || l.Whole:
		return false
	}
	return l.Base <= p.Version && p.Version < l.To
}

// take updates the copy with a list that it wants. If it returns an error, the entries
// have not changed.
func (p *peer) take(l *List, o Limits) ([]Change, error) {
	fresh := p.fresh(l)
	if fresh { // count beats from here on; the answer itself may be late
		p.seq = l.Seq
	}
	if l.Whole && l.Base == 0 {
		p.known = true
		p.restart()
	}
	changes, err := p.update(l, o)
	if err != nil {
		return nil, err
	}
	p.said = l.Now
	if l.last() && fresh {
		p.nonce = 0
	}
	return changes, nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
