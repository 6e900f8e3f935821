package gossip

import (
	"container/list"
	"errors"
	"time"
)

const (
	// maxPeers is the largest number of other processes, forged ones included.
	maxPeers = 1024
	// maxGraves is how many removals are remembered. A process that has missed more gets
	// a whole list.
	maxGraves = 4096
)

// Waits, in beats.
const (
	silence = 2.75     // after it a process counts as gone, just before its third beat
	pause   = 1.0 / 8  // between asks to one process, and after a long answer
	gap     = 1.0 / 64 // between other messages of one kind
	penalty = 10.0     // how long a process is ignored that exceeded the limits
)

var errManyPeers = errors.New("too many processes")

// never is the time for a message that is not due at all; atOnce is the time for one that
// is due at once.
var (
	never  = time.Time{}
	atOnce = never.Add(1)
)

// Node is one process's part of the protocol. It is not safe for concurrent use.
type Node struct {
	id     ID
	beat   time.Duration
	limits Limits

	own     own
	answers answers
	pulse   pulse
	pace    pace

	peers map[ID]*peer
	bytes int       // of all replicas
	alarm time.Time // when Expire is to be called
}

// New returns a node without entries. Its first beat asks the others for theirs.
func New(id ID, beat time.Duration, limits Limits) *Node {
	n := &Node{id: id, beat: beat, limits: limits, peers: make(map[ID]*peer)}
	n.own.entries = make(map[uint64]*list.Element)
	n.own.memory = maxGraves
	n.Lost()
	return n
}

// Put adds an entry of this process, or changes its value if it has a number. It returns
// the number.
func (n *Node) Put(e Entry) uint64 { return n.own.put(e) }

// Remove removes an entry of this process.
func (n *Node) Remove(number uint64) { n.own.remove(number) }

// Len returns the number of entries of this process.
func (n *Node) Len() int { return len(n.own.entries) }

// Lost notes that messages may have been missed. The next beat asks all others for
// theirs.
func (n *Node) Lost() { n.pulse.hello = true }

// Bye returns the last message.
func (n *Node) Bye() []byte { return (&Message{From: n.id, Bye: true}).Encode() }

// Wants reports whether the node can use m. If not, the caller need not decode m's
// entries.
func (n *Node) Wants(m *Message) bool {
	if m.From == n.id {
		return m.Bye // forged
	}
	if m.List == nil {
		return true
	}
	p := n.peers[m.From]
	return p != nil && (p.wants(m.List) || m.List.Base > p.Version)
}

// Receive processes a message of another process, and returns the changes that it causes.
// Each Entry in the changes is one of m's. An error means that m was refused.
func (n *Node) Receive(now time.Time, m *Message) ([]Change, error) {
	switch {
	case m.From == n.id:
		n.pulse.reply = n.pulse.reply || m.Bye // to deny it
	case m.Beat != nil:
		return nil, n.hearBeat(now, m.From, m.Beat)
	case m.List != nil:
		return n.hearList(now, m.From, m.List)
	case m.Bye:
		return n.forget(m.From), nil
	default:
		n.hearAsks(m.Asks)
	}
	return nil, nil
}

// Expire forgets processes that have been silent for too long. It returns when to call it
// again, or never if there are no other processes. If it is called much later than that,
// this process itself was stopped. Then it gives the others one more beat, because their
// messages may still be on the way.
func (n *Node) Expire(now time.Time) (changes []Change, again time.Time) {
	asleep := !n.alarm.IsZero() && now.Sub(n.alarm) > n.beat/2
	for id, p := range n.peers {
		if asleep {
			p.heard = later(p.heard, now.Add(n.beat-n.wait(silence)))
		}
		deadline := p.heard.Add(n.wait(silence))
		if !now.Before(deadline) {
			changes = append(changes, n.forget(id)...)
			continue
		}
		again = earlier(again, deadline)
	}
	n.alarm = again
	return changes, again
}

// forget drops everything that is known of a process.
func (n *Node) forget(id ID) []Change {
	p := n.peers[id]
	if p == nil {
		return nil
	}
	delete(n.peers, id)
	n.bytes -= p.bytes
	return signed(id, p.clear())
}

func signed(from ID, changes []Change) []Change {
	for i := range changes {
		changes[i].From = from
	}
	return changes
}

func (n *Node) wait(beats float64) time.Duration { return time.Duration(beats * float64(n.beat)) }

// earlier returns the earlier of two times; each may be never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
