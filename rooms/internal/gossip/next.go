package gossip

import (
	"math/rand/v2"
	"time"
)

// pulse is when this process beats.
type pulse struct {
	seq   uint64
	last  time.Time
	hello bool // the next beat asks the others for theirs
	reply bool // somebody asked for one
}

// pace keeps bursts together: what comes during a gap is sent after it, in one message.
type pace struct {
	changes time.Time // when the next may be told
	asks    time.Time // when the next may be sent
	flushed bool      // changes were told early, for the beat that is due
}

// Next returns the next message to send to everyone, or, if there is none now, the time
// when there will be. It is to be called again after every other method.
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
		return long
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

// flushDue makes a beat wait for changes that are not told yet: everybody would ask for
// them. Once is enough, or changes that never cease would keep it from being sent.
func (n *Node) flushDue(now time.Time) time.Time {
	if n.pace.flushed || n.own.sent == n.own.Version || now.Before(n.beatDue()) {
		return never
	}
	return long
}

func (n *Node) flush(now time.Time) Message {
	n.pace.flushed = true
	return n.sayChanges(now)
}

func (n *Node) asksDue() time.Time {
	for _, p := range n.peers {
		if p.ask {
			return later(n.pace.asks, long)
		}
	}
	return never
}

// sayAsks asks all who are to be asked, in one message: there are not that many.
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
	return later(n.pace.changes, long)
}

// sayChanges tells what has changed since it was last called. A burst is told at once
// after a gap, however many changes it has.
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

// sayAnswer sends a part of an answer. A long one is followed by a pause, so that
// nobody can make a process do nothing but answer.
func (n *Node) sayAnswer(now time.Time) Message {
	l := n.answers.part(&n.own, n.limits.Part)
	if l.last() {
		n.answers.end(now, n.wait(gap), n.wait(pause))
	}
	l.Seq = n.pulse.seq
	return Message{List: l}
}
