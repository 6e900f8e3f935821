package gossip

import (
	"slices"
	"time"
)

// peer is what is known of another process: when it was heard, and its entries.
type peer struct {
	heard time.Time // when it was alive for certain
	quiet time.Time // until then it is not listened to: it went beyond the limits
	seq   uint64    // of the last beat
	said  State     // by the last word of it

	ask   bool      // with the next asks
	asked time.Time // last
	nonce uint64    // of that ask, until it is answered in full; 0 for none

	known bool // copy began with an answer to an ask
	replica
}

// differs reports whether the copy is not what the process said last.
func (p *peer) differs() bool { return !p.known || p.State != p.said }

// have is the version to ask from. A copy at a version that the process has not reached,
// or has reached with other entries, is wrong and needs all of it.
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

// take brings the copy up to date with a list that it wants. An error leaves it as it is.
func (p *peer) take(l *List, o Limits) ([]Change, error) {
	fresh := p.fresh(l)
	if fresh { // the beats that are counted from now on; an answer itself may be late
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
