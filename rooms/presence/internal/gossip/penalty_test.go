package gossip

import (
	"errors"
	"testing"
)

// Contract 12.3: an answer beyond the limits is refused once. For a while then, its
// process is neither asked nor listened to, whatever it repeats.
func TestPenalty(t *testing.T) {
	limits := generous
	limits.Entries = 1
	w, here, there := pair(t, limits)
	here.peers[there.id].nonce = 77
	list := listOf(0, true, 2, entry(1, "room", "x"), entry(2, "room", "x"))
	list.Nonces = []uint64{77}
	answer := Message{List: list}
	if err := say(here, there, w.now, answer); !errors.Is(err, errManyEntries) {
		t.Errorf("Receive = %v, want %v", err, errManyEntries)
	}
	w.sent = make(map[int]int)
	for range 9 * 8 {
		w.pass(testBeat / 8)
		if err := say(here, there, w.now, answer); err != nil {
			t.Fatalf("Receive within the penalty = %v, want no error", err)
		}
	}
	if got := w.sent[kindAsks]; got != 0 {
		t.Errorf("asked %d times within the penalty, want not at all", got)
	}
	there.enter("another room", "ann", "y")
	there.leave(1)
	w.pass(5 * testBeat / 2)
	w.wantSame()
}
