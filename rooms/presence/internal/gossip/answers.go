package gossip

import "time"

// answers holds the asks that this process must answer. Processes that ask at about the
// same time get one answer, which begins at the lowest version that any of them has.
type answers struct {
	nonces []uint64 // of the asks that wait for the next answer
	have   uint64   // the lowest version in those asks

	now  *answer   // the answer being sent, or nil
	next time.Time // when the next may begin
}

// answer is an answer being sent in parts. It ends at the version that the process then
// has.
type answer struct {
	nonces []uint64
	whole  bool
	at     uint64 // changes up to this version were sent
	since  uint64 // list only removals after this version
	parts  int    // how many parts were sent
}

// add notes an ask. If too many wait already, it does nothing: the process asks again.
func (a *answers) add(nonce, have uint64) {
	if len(a.nonces) >= maxPeers {
		return
	}
	if len(a.nonces) == 0 || have < a.have {
		a.have = have
	}
	a.nonces = append(a.nonces, nonce)
}

// due returns when there will be something to send, or never.
func (a *answers) due() time.Time {
	switch {
	case a.now != nil:
		return atOnce
	case len(a.nonces) > 0:
		return later(a.next, atOnce)
	}
	return never
}

// begin begins an answer to all asks that wait.
func (a *answers) begin(o *own) {
	a.now = &answer{nonces: a.nonces, at: a.have, since: a.have}
	a.nonces, a.have = nil, 0
	if a.now.at < o.floor || a.now.at == 0 || a.now.at > o.Version {
		a.now.at, a.now.since, a.now.whole = 0, o.Version, true
	}
}

// part returns the next part of the answer.
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

// end ends a complete answer. The next one may begin after a wait.
func (a *answers) end(now time.Time, short, long time.Duration) {
	wait := short
	if a.now.parts > 1 {
		wait = long
	}
	a.now, a.next = nil, now.Add(wait)
}
