package sim

import (
	"slices"
	"time"
)

const (
	beatPause = time.Second
	silence   = 3500 * time.Millisecond // until a peer counts as unreachable
)

// peer is what a broker knows of another process.
type peer struct {
	process *Process
	sent    uint64 // number of the last message to it
	got     uint64 // and from it
	heard   time.Time
	silent  bool
}

// known returns all peers, including new ones. The caller holds mu.
func (b *broker) known() []*peer {
	for _, p := range b.process.sim.living() {
		if p != b.process && p.talks() {
			b.meet(p)
		}
	}
	return b.peers
}

func (b *broker) meet(other *Process) *peer {
	i := slices.IndexFunc(b.peers, func(p *peer) bool { return p.process == other })
	if i < 0 {
		i = len(b.peers)
		b.peers = append(b.peers, &peer{process: other, heard: time.Now()})
	}
	return b.peers[i]
}

// beat tells the peers how much was sent to them, and finds silent ones.
func (b *broker) beat() {
	if b.process.talks() && b.sendBeats() {
		b.tellLost()
	}
}

func (b *broker) sendBeats() (lost bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.known() {
		to, n := p.process.broker, p.sent
		b.process.Send(p.process, func() { to.heardBeat(b.process, n) })
		if !p.silent && time.Since(p.heard) > silence {
			p.silent, lost = true, true
		}
	}
	b.peers = slices.DeleteFunc(b.peers, func(p *peer) bool {
		return p.silent && !p.process.talks()
	})
	return lost
}

func (b *broker) heardBeat(from *Process, sent uint64) {
	b.mu.Lock()
	p := b.meet(from)
	lost := sent > p.got
	p.got = max(p.got, sent)
	p.heard, p.silent = time.Now(), false
	b.mu.Unlock()
	if lost {
		b.tellLost()
	}
}

// arrive takes the nth message of a peer. A late one was reported as lost before.
func (b *broker) arrive(from *Process, n uint64, room string, data []byte) {
	b.mu.Lock()
	p := b.meet(from)
	fresh, lost := n > p.got, n > p.got+1
	p.got = max(p.got, n)
	p.heard, p.silent = time.Now(), false
	b.mu.Unlock()
	if lost {
		b.tellLost()
	}
	if fresh {
		b.give(room, data)
	}
}

// tellLost tells all rooms: nobody knows which of them the message was for.
func (b *broker) tellLost() {
	for _, room := range b.subscribed() {
		b.mu.Lock()
		receive := b.rooms[room]
		b.mu.Unlock()
		if receive != nil {
			receive(nil, errLost)
		}
	}
}
