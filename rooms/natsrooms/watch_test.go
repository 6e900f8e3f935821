package natsrooms

import "testing"

// A room is told when NATS has answered, so that nothing is missed that is said after
// that: once, and only if it was late since the last telling.
func TestLook(t *testing.T) {
	p, nc := connectPipe(t)
	var told [][]uint64 // each time, who of the late ones
	w := &watcher{nc: nc, tell: func(_ error, concerns func(*subscription) bool) {
		var late []uint64
		for n := range uint64(4) {
			if concerns(&subscription{late: n}) {
				late = append(late, n)
			}
		}
		told = append(told, late)
	}}
	look := func(unanswered uint64, want int) {
		t.Helper()
		w.unanswered.Store(unanswered)
		for w.look(); len(told) < want; w.look() { // the machine may be slow
		}
		if len(told) != want {
			t.Fatalf("told %d times, want %d", len(told), want)
		}
	}
	look(0, 0)
	look(1, 1)
	look(1, 1)
	p.mute.Store(true)
	look(2, 1)
	p.mute.Store(false)
	look(3, 2)
	look(3, 2)
	if len(told[0]) != 1 || told[0][0] != 1 || len(told[1]) != 2 || told[1][0] != 2 {
		t.Errorf("told the late ones %v, want [1], then [2 3]", told)
	}
	nc.Close()
	look(4, 2)
}
