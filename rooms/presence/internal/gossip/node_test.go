package gossip

import (
	"slices"
	"testing"
	"time"
)

// pair is two nodes that know each other, and an entry of the second that the first
// knows.
func pair(t *testing.T, limits Limits) (w *world, here, there *life) {
	w = newWorld(t, 1)
	here, there = w.start(limits), w.start(limits)
	w.pass(testBeat / 2)
	there.enter("room", "ann", "x")
	w.pass(testBeat / 8)
	w.wantSame()
	return w, here, there
}

// say gives here a message in the name of there.
func say(here, there *life, now time.Time, m Message) error {
	m.From = there.id
	changes, err := here.Receive(now, &m)
	here.apply(changes)
	return err
}

// Contract 12.2: at three beats a killed process is gone, and before that it is not: two
// beats may be late.
func TestSilence(t *testing.T) {
	w, here, there := pair(t, generous)
	w.pass(testBeat)
	w.kill(there)
	w.pass(3*testBeat/2 + testBeat/8)
	if len(here.view) != 1 {
		t.Error("gone after one and a half beats of silence, want later")
	}
	w.pass(3*testBeat - (3*testBeat/2 + testBeat/8))
	w.wantNoGhosts()
	if len(here.peers) != 0 || here.bytes != 0 {
		t.Errorf("%d processes and %d bytes are left, want none", len(here.peers), here.bytes)
	}
}

// A process that was asleep gives the others a beat to be heard.
func TestAsleep(t *testing.T) {
	_, here, _ := pair(t, generous)
	now := here.peers[slices.Collect(idsOf(here))[0]].heard.Add(time.Hour)
	changes, again := here.Expire(now)
	if len(changes) != 0 || !again.Equal(now.Add(testBeat)) {
		t.Errorf("Expire after sleep = %v, %v, want nothing, and again after a beat",
			changes, again.Sub(now))
	}
	if changes, again = here.Expire(now.Add(testBeat)); len(changes) != 1 || !again.IsZero() {
		t.Errorf("Expire a beat later = %v, %v, want the entry gone", changes, again)
	}
}

func idsOf(l *life) func(func(ID) bool) {
	return func(yield func(ID) bool) {
		for id := range l.peers {
			if !yield(id) {
				return
			}
		}
	}
}

// Contract 12.2: a message that comes late does not bring back the dead, whatever it is:
// not those who were known, and not those who died before they were.
func TestLateMessages(t *testing.T) {
	w, here, there := pair(t, generous)
	there.enter("room", "bob", "x")
	there.answers.add(here.peers[there.id].nonce, 0)
	unknown := New(w.id(), testBeat, generous)
	unknown.Put(Entry{Room: "room", Key: "cleo"})
	late := append(messages(there.Node, w.now), messages(unknown, w.now)...)
	if len(late) < 12 {
		t.Fatalf("%d messages, want changes, an answer and some beats", len(late))
	}
	w.close(there)
	w.pass(testBeat / 8)
	for range 3 {
		for _, data := range late {
			here.receive(t, w.now, slices.Clone(data))
			w.pass(testBeat / 16)
			if len(here.view) != 0 {
				t.Fatalf("a late message %x brings back %v", data, here.view)
			}
		}
	}
}

// messages are what a node says in the next beats.
func messages(n *Node, now time.Time) (all [][]byte) {
	for range 5 {
		for data, _ := n.Next(now); data != nil; data, _ = n.Next(now) {
			all = append(all, data)
		}
		now = now.Add(testBeat)
	}
	return all
}

// Contract 12.2: a repetition of what was said is no sign of life.
func TestRepetition(t *testing.T) {
	w, here, there := pair(t, generous)
	beat := Beat{Seq: there.pulse.seq, State: there.own.State}
	data := (&Message{From: there.id, Beat: &beat}).Encode()
	w.kill(there)
	for range 3 * 8 {
		w.pass(testBeat / 8)
		here.receive(t, w.now, slices.Clone(data))
	}
	w.wantNoGhosts()
}

// An answer that comes twice does not bring back what was removed in between.
func TestRepeatedAnswer(t *testing.T) {
	w, here, there := pair(t, generous)
	here.peers[there.id].nonce = 77
	there.answers.add(77, 0)
	answer := messages(there.Node, w.now)[0]
	here.receive(t, w.now, slices.Clone(answer))
	w.wantSame()
	there.leave(1)
	w.pass(testBeat / 8)
	w.wantSame()
	here.receive(t, w.now, slices.Clone(answer))
	w.wantSame()
}

// A list that was lost is noticed with the next one, and what was in it is asked for at
// once, but not more than that.
func TestGap(t *testing.T) {
	w, _, there := pair(t, generous)
	for range 20 {
		there.enter("room", "crowd", "x")
	}
	w.pass(testBeat / 8)
	there.enter("room", "bob", "x")
	w.pass(tick)
	w.flying, w.sent = nil, make(map[int]int)
	w.pass(testBeat / 16)
	there.enter("room", "cleo", "x")
	w.pass(testBeat / 16) // no beat falls into it
	w.wantSame()
	if got := w.sent[kindList]; got != 2 { // 23 entries are more
		t.Errorf("%d lists, want the one after the gap, and an answer", got)
	}
}

// Removals in a burst are forgotten as soon as everybody was told, but for the newest.
func TestBurstOfRemovals(t *testing.T) {
	w, _, there := pair(t, generous)
	var numbers []uint64
	for range 100 {
		numbers = append(numbers, there.enter("room", "bob", "x"))
	}
	w.pass(testBeat / 2)
	for _, number := range numbers {
		there.leave(number)
	}
	if got := len(there.own.graves); got != 100 {
		t.Errorf("%d removals are remembered before they are told, want 100", got)
	}
	w.pass(testBeat / 2)
	w.wantSame()
	if got := len(there.own.graves); got != there.own.memory {
		t.Errorf("%d removals are remembered, want %d", got, there.own.memory)
	}
}
