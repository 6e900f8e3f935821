package gossip

import (
	"errors"
	"fmt"
	"math"
	"testing"
)

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
		for range 4 * 8 { // and it has no late effect
			w.wantSame()
			w.pass(testBeat / 8)
		}
		if t.Failed() {
			t.Fatalf("%s was not undone", test.name)
		}
	}
}

// A forged version is noticed even where the entries are right: it would hide the next
// change.
func TestForgedVersion(t *testing.T) {
	w, here, there := pair(t, generous)
	now := State{Version: math.MaxUint64, Digest: there.own.Digest}
	forged := Message{List: &List{Base: 1, To: now.Version, Now: now}}
	if err := say(here, there, w.now, forged); err != nil {
		t.Errorf("Receive = %v, want no error", err)
	}
	w.pass(3 * testBeat / 2)
	there.enter("room", "bob", "x")
	w.pass(testBeat / 16)
	w.wantSame()
}

// A process denies at once that it has ended.
func TestForgedBye(t *testing.T) {
	w, here, there := pair(t, generous)
	bye := Message{From: there.id, Bye: true}
	here.receive(t, w.now, bye.Encode())
	there.receive(t, w.now, bye.Encode())
	w.pass(testBeat / 16) // no ordinary beat falls into it
	w.wantSame()
}

// A forged beat that is all right but for its number does not make the true ones old.
func TestForgedSeq(t *testing.T) {
	w, here, there := pair(t, generous)
	beat := &Beat{Seq: math.MaxUint64, State: there.own.State}
	if err := say(here, there, w.now, Message{Beat: beat}); err != nil {
		t.Errorf("Receive = %v, want no error", err)
	}
	for range 5 * 8 {
		w.pass(testBeat / 8)
		w.wantSame()
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
