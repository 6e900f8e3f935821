package gossip

import "testing"

// Contract 12.3: changes that are still to be told when a beat is due go first, or
// everybody would ask for them.
func TestChangesBeforeBeat(t *testing.T) {
	w, _, there := pair(t, generous)
	w.sent = make(map[int]int)
	for range 3 * testBeat / tick {
		there.Put(Entry{Number: 1, Value: []byte("x")})
		w.pass(tick)
	}
	if got := w.sent[kindAsks]; got != 0 {
		t.Errorf("%d asks while changes are told all the time, want none", got)
	}
}

// Changes that never cease do not keep a beat from being sent.
func TestBeatDespiteChanges(t *testing.T) {
	w, _, there := pair(t, generous)
	for n := range 4 {
		there.Put(Entry{Number: 1, Value: []byte("x")})
		data, _ := there.Next(w.now.Add(testBeat))
		if data[2] == kindBeat {
			return
		}
		if n == 3 {
			t.Error("4 messages after a beat is due, and none of them is one")
		}
	}
}

// Next says when there will be something to send, and then there is.
func TestNextIsTrue(t *testing.T) {
	w, _, there := pair(t, generous)
	there.enter("room", "bob", "x")
	for range 20 {
		data, at := there.Next(w.now)
		if data != nil {
			continue
		}
		if !at.After(w.now) {
			t.Fatalf("nothing to send at %v, and again at %v, want later", w.now, at)
		}
		if early, _ := there.Next(at.Add(-1)); early != nil {
			t.Errorf("something to send before %v, want nothing", at)
		}
		w.now = at
		if data, _ = there.Next(at); data == nil {
			t.Errorf("nothing to send at %v, want something", at)
		}
	}
}
