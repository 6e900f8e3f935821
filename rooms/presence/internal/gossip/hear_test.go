package gossip

import "testing"

// Contract 12.3: one process is not asked again and again while it does not answer.
func TestAsksArePaced(t *testing.T) {
	w, here, there := pair(t, generous)
	there.side = 1
	w.sent = make(map[int]int)
	for i := range uint64(128) {
		gap := &List{Base: 10 + i, To: 11 + i, Now: State{Version: 11 + i}}
		if err := say(here, there, w.now, Message{List: gap}); err != nil {
			t.Errorf("Receive = %v, want no error", err)
		}
		w.pass(tick)
	}
	if got := w.sent[kindAsks]; got < 5 || got > 9 {
		t.Errorf("%d asks in a beat, want one each eighth", got)
	}
}

// Contract 12.3: those who are to be asked at about the same time are asked in one
// message, after the first.
func TestAsksAreGathered(t *testing.T) {
	w, here, _ := pair(t, generous)
	w.pass(testBeat / 8)
	sizes := []int{}
	for i := range 20 * 2 {
		if i < 20 {
			beat := &Message{From: w.id(), Beat: &Beat{Seq: 1, State: State{Version: 1}}}
			here.receive(t, w.now, beat.Encode())
		}
		for data, _ := here.Next(w.now); data != nil; data, _ = here.Next(w.now) {
			if m, err := Parse(data); err == nil && m.Asks != nil {
				sizes = append(sizes, len(m.Asks))
			}
		}
		w.now = w.now.Add(testBeat / 64 / 20)
	}
	if len(sizes) != 2 || sizes[0] != 1 || sizes[1] != 19 {
		t.Errorf("20 unknown processes are asked in messages to %d, want to 1 and to 19", sizes)
	}
}
