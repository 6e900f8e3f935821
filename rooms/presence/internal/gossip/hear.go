package gossip

import "time"

func (n *Node) hearAsks(asks []Ask) {
	for _, a := range asks {
		if a.Of == n.id {
			n.answers.add(a.Nonce, a.Have)
		}
	}
}

// hearBeat compares the state of a process with its copy. A beat that is not newer than
// the last one was repeated, or one of the two was forged. Only an answer can tell, so
// such a beat is no sign of life.
func (n *Node) hearBeat(now time.Time, from ID, b *Beat) error {
	p := n.peers[from]
	if p == nil {
		if len(n.peers) >= maxPeers {
			return errManyPeers
		}
		p = &peer{}
		n.peers[from] = p
	}
	n.pulse.reply = n.pulse.reply || b.Hello
	switch {
	case b.Seq > p.seq || !p.known:
		p.heard, p.seq, p.said = now, b.Seq, b.State
	case b.Seq == p.seq:
		return nil
	default:
		n.ask(now, p)
		return nil
	}
	if p.differs() {
		n.ask(now, p)
	}
	return nil
}

// ask notes that a process must be asked, unless it was asked a short time ago: its next
// beat will be another reason.
func (n *Node) ask(now time.Time, p *peer) {
	if now.Before(p.quiet) || now.Before(p.asked.Add(n.wait(pause))) {
		return
	}
	p.ask = true
}

// hearList updates the copy of a process with a list.
func (n *Node) hearList(now time.Time, from ID, l *List) ([]Change, error) {
	p := n.peers[from]
	if p == nil || now.Before(p.quiet) {
		return nil, nil
	}
	if !p.wants(l) {
		if p.known && l.Base > p.Version {
			p.said = l.Now
			n.ask(now, p)
		}
		return nil, nil
	}
	before, limits, asked := p.bytes, n.limits, p.fresh(l)
	limits.Bytes -= n.bytes
	changes, err := p.take(l, limits)
	n.bytes += p.bytes - before
	if err != nil {
		if asked { // otherwise the list may be forged, and the real process must not suffer
			p.quiet = now.Add(n.wait(penalty))
		}
		return nil, err
	}
	if l.last() && p.differs() {
		n.ask(now, p)
	}
	return signed(from, changes), nil
}
