package gossip

import "time"

// answers are what this process owes to those who asked. All who ask at about the same
// time get one answer, from the version on that the furthest behind of them has.
type answers struct {
	nonces []uint64 // of those who wait for the next answer
	have   uint64   // the lowest version of theirs

	now  *answer   // that is being sent, nil for none
	next time.Time // when the next may begin
}

// answer is sent in parts, up to where the process is by then.
type answer struct {
	nonces []uint64
	whole  bool
	at     uint64 // up to here it is sent
	since  uint64 // the version when it began
	parts  int    // that were sent
}

// add notes an ask, unless too many wait already: those ask again.
func (a *answers) add(nonce, have uint64) {
	if len(a.nonces) >= maxPeers {
		return
	}
	if len(a.nonces) == 0 || have < a.have {
		a.have = have
	}
	a.nonces = append(a.nonces, nonce)
}

// due returns when there is something to send, and the zero time for never.
func (a *answers) due() time.Time {
	switch {
	case a.now != nil:
		return long
	case len(a.nonces) > 0:
		return later(a.next, long)
	}
	return never
}

// begin takes up what was asked for.
func (a *answers) begin(o *own) {
	a.now = &answer{nonces: a.nonces, at: a.have, since: a.have}
	a.nonces, a.have = nil, 0
	if a.now.at < o.floor || a.now.at == 0 || a.now.at > o.Version {
		a.now.at, a.now.since, a.now.whole = 0, o.Version, true
	}
}

// part is the next part of the answer.
func (a *answers) part(o *own, limit int) *List {
	if a.now == nil {
		a.begin(o)
	}
	l := o.part(a.now.at, a.now.since, limit)
	l.Nonces, l.Whole = a.now.nonces, a.now.whole
	a.now.at = l.To
	a.now.parts++
	return l
}

// end ends an answer that is complete. The next may begin after a wait.
func (a *answers) end(now time.Time, short, long time.Duration) {
	wait := short
	if a.now.parts > 1 {
		wait = long
	}
	a.now, a.next = nil, now.Add(wait)
}
