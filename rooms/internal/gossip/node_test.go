package gossip

import (
	"errors"
	"fmt"
	"math"
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

// Contract 12.3: what is said in the name of a process is undone by its next beat, and
// what is said with numbers at the limits, too.
func TestForgeries(t *testing.T) {
	most := uint64(math.MaxUint64)
	ghost := []Entry{{Number: 99, Version: most, Room: "room", Key: "ghost"}}
	tests := []struct {
		name string
		m    Message
	}{
		{"bye", Message{Bye: true}},
		{"beat", Message{Beat: &Beat{Seq: most, State: State{most, most}}}},
		{"old beat", Message{Beat: &Beat{}}},
		{"list", Message{List: &List{Base: 1, To: most, Now: State{Version: most}, Entries: ghost}}},
		{"removal", Message{List: &List{Base: 1, To: 2, Now: State{Version: 2}, Removed: []uint64{1}}}},
		{"whole", Message{List: &List{Whole: true, To: most, Now: State{Version: most}, Entries: ghost}}},
	}
	for _, test := range tests {
		w, here, there := pair(t, generous)
		if err := say(here, there, w.now, test.m); err != nil {
			t.Errorf("%s: Receive = %v, want no error", test.name, err)
		}
		test.m.From = there.id
		there.receive(t, w.now, test.m.Encode())
		w.pass(3 * testBeat / 2)
		w.wantSame()
		if t.Failed() {
			t.Fatalf("%s was not undone", test.name)
		}
	}
}

// Contract 12.3: nobody can make a process keep more than the limits allow, and what it
// knows of others is not lost by that.
func TestLimits(t *testing.T) {
	limits := Limits{Entries: 10, EntrySize: 100, Bytes: 10_000, Part: 1 << 20}
	many := func(n int, value string) (all []Entry) {
		for i := range n {
			all = append(all, Entry{Number: uint64(i + 2), Version: uint64(i + 2), Room: "room",
				Key: fmt.Sprint(i), Value: []byte(value)})
		}
		return all
	}
	tests := []struct {
		name    string
		entries []Entry
		want    error
	}{
		{"as many as allowed", many(9, ""), nil},
		{"too many", many(10, ""), errManyEntries},
		{"one too long", many(1, string(make([]byte, 100))), errLongEntry},
	}
	for _, test := range tests {
		w, here, there := pair(t, limits)
		to := 1 + uint64(len(test.entries))
		list := &List{Base: 1, To: to, Now: State{Version: to}, Entries: test.entries}
		if err := say(here, there, w.now, Message{List: list}); !errors.Is(err, test.want) {
			t.Errorf("%s: Receive = %v, want %v", test.name, err, test.want)
		}
		if got := len(here.view[there.id]); test.want != nil && got != 1 {
			t.Errorf("%s: %d entries are known, want the one of before", test.name, got)
		}
		there.enter("room", "bob", "y") // was it a forgery, the real one does not pay for it
		w.pass(2 * testBeat)
		w.wantSame()
	}
}

// The bound on memory is for all processes together, and what goes gives room again.
func TestMemory(t *testing.T) {
	w := newWorld(t, 1)
	limits := generous
	limits.Bytes = 30 * (overhead + 200)
	here := w.start(limits)
	a, b := w.start(generous), w.start(generous)
	for i := range 20 {
		a.enter("room", fmt.Sprint(i), "x")
	}
	w.pass(2 * testBeat)
	for i := range 20 {
		b.enter("room", fmt.Sprint(i), "x")
	}
	w.pass(2 * testBeat)
	if here.bytes > limits.Bytes || here.errs == 0 || len(here.view[a.id]) != 20 {
		t.Errorf("%d bytes, %d errors, %d entries of the first, want %d at most, some, and 20",
			here.bytes, here.errs, len(here.view[a.id]), limits.Bytes)
	}
	errs := here.errs
	w.pass(5 * testBeat)
	if here.errs != errs {
		t.Errorf("refused %d times more within the penalty, want not again", here.errs-errs)
	}
	w.close(a)
	w.pass(12 * testBeat)
	w.wantSame()
}

// Contract 12.3: forged processes find an end, and those that are known stay.
func TestManyProcesses(t *testing.T) {
	w, here, there := pair(t, generous)
	refused := 0
	for range 3 * maxPeers {
		m := &Message{From: w.id(), Beat: &Beat{Seq: 1, State: State{Version: 1}, Hello: true}}
		if _, err := here.Receive(w.now, m); errors.Is(err, errManyPeers) {
			refused++
		}
	}
	if len(here.peers) != maxPeers || refused != 2*maxPeers+1 {
		t.Errorf("%d processes, %d refused, want %d and %d", len(here.peers), refused,
			maxPeers, 2*maxPeers+1)
	}
	w.sent = make(map[int]int)
	w.pass(3 * testBeat)
	w.wantSame()
	if w.sent[kindAsks] > 10 || w.sent[kindBeat] > 10 {
		t.Errorf("they make it send %v messages by kind, want a few", w.sent)
	}
	if len(here.peers) != 1 || here.peers[there.id] == nil {
		t.Errorf("%d processes are left, want the real one", len(here.peers))
	}
}

// Contract 12.3: asking without end does not make a process answer without end.
func TestManyAsks(t *testing.T) {
	w, _, there := pair(t, generous)
	for range 100 {
		there.enter("room", "bob", "x")
	}
	w.pass(testBeat)
	w.sent = make(map[int]int)
	for range testBeat / tick {
		ask := Message{From: w.id(), Asks: []Ask{{Of: there.id, Nonce: 1}}}
		there.receive(t, w.now, ask.Encode())
		w.pass(tick)
	}
	for range 10 * maxPeers {
		there.hearAsks([]Ask{{Of: there.id, Nonce: 1}})
	}
	if parts := w.sent[kindList]; parts > 10*25 {
		t.Errorf("always asked for everything: %d messages in a beat, want 10 answers at most", parts)
	}
	if got := len(there.answers.nonces); got > maxPeers {
		t.Errorf("%d askers wait, want %d at most", got, maxPeers)
	}
}
