package gossip

import (
	"math/rand/v2"
	"time"
)

// pulse holds when this process beats.
type pulse struct {
	seq   uint64
	last  time.Time
	hello bool // the next beat asks the others for theirs
	reply bool // another process asked for one
}

// pace gathers bursts: what comes during a gap is sent after it, in one message.
type pace struct {
	changes time.Time // when the next may be announced
	asks    time.Time // when the next may be sent
	flushed bool      // changes were announced early, before the beat that is due
}

// Next returns the next message to send to everyone. If there is none now, it returns the
// time when there will be one. Call it again after every other method.
func (n *Node) Next(now time.Time) (data []byte, at time.Time) {
	steps := [...]struct {
		due time.Time
		say func(now time.Time) Message
	}{
		{n.flushDue(now), n.flush},
		{n.beatDue(), n.sayBeat},
		{n.asksDue(), n.sayAsks},
		{n.changesDue(), n.sayChanges},
		{n.answers.due(), n.sayAnswer},
	}
	for _, step := range steps {
		if !step.due.IsZero() && !now.Before(step.due) {
			m := step.say(now)
			m.From = n.id
			return m.Encode(), never
		}
		at = earlier(at, step.due)
	}
	return nil, at
}

func (n *Node) beatDue() time.Time {
	if n.pulse.last.IsZero() {
		return atOnce
	}
	if n.pulse.hello || n.pulse.reply {
		return n.pulse.last.Add(n.wait(gap))
	}
	return n.pulse.last.Add(n.beat)
}

func (n *Node) sayBeat(now time.Time) Message {
	hello := n.pulse.hello
	n.pulse = pulse{seq: n.pulse.seq + 1, last: now}
	n.pace.flushed = false
	return Message{Beat: &Beat{Seq: n.pulse.seq, State: n.own.State, Hello: hello}}
}

// flushDue makes changes go out before a beat that is due: otherwise all others would
// ask for them. That happens once per beat, or constant changes would delay the beat
// for ever.
func (n *Node) flushDue(now time.Time) time.Time {
	if n.pace.flushed || n.own.sent == n.own.Version || now.Before(n.beatDue()) {
		return never
	}
	return atOnce
}

func (n *Node) flush(now time.Time) Message {
	n.pace.flushed = true
	return n.sayChanges(now)
}

func (n *Node) asksDue() time.Time {
	for _, p := range n.peers {
		if p.ask {
			return later(n.pace.asks, atOnce)
		}
	}
	return never
}

// sayAsks sends all asks in one message. There are never many.
func (n *Node) sayAsks(now time.Time) (m Message) {
	n.pace.asks = now.Add(n.wait(gap))
	for id, p := range n.peers {
		if !p.ask {
			continue
		}
		p.ask, p.asked, p.nonce = false, now, 1+rand.Uint64N(1<<63)
		m.Asks = append(m.Asks, Ask{Of: id, Nonce: p.nonce, Have: p.have()})
	}
	return m
}

func (n *Node) changesDue() time.Time {
	if n.own.sent == n.own.Version {
		return never
	}
	return later(n.pace.changes, atOnce)
}

// sayChanges announces what has changed since its last call. A long list takes several
// calls, without a gap between them.
func (n *Node) sayChanges(now time.Time) Message {
	l := n.own.part(n.own.sent, n.own.sent, n.limits.Part)
	n.own.sent = l.To
	if l.last() {
		n.pace.changes = now.Add(n.wait(gap))
	}
	n.own.trim()
	l.Seq = n.pulse.seq
	return Message{List: l}
}

// sayAnswer sends a part of an answer. After a long answer there is a pause, so that
// nobody can keep a process busy with answers.
func (n *Node) sayAnswer(now time.Time) Message {
	l := n.answers.part(&n.own, n.limits.Part)
	if l.last() {
		n.answers.end(now, n.wait(gap), n.wait(pause))
	}
	l.Seq = n.pulse.seq
	return Message{List: l}
}
