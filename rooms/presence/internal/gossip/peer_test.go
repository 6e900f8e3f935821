package gossip

import "testing"

// Contract 12.2: a copy takes what continues it, and nothing that would leave a gap. A
// whole list leaves out what was removed before it began, so it is only for those who
// asked for it, from its first part on.
func TestWants(t *testing.T) {
	known := peer{known: true, nonce: 7, replica: replica{State: State{Version: 5}}}
	unknown := peer{nonce: 7}
	idle := peer{known: true, replica: replica{State: State{Version: 5}}}
	ours, others := []uint64{6, 7}, []uint64{6, 0}
	tests := []struct {
		name string
		peer peer
		list List
		want bool
	}{
		{"what follows", known, List{Base: 5, To: 6}, true},
		{"more than what follows", known, List{Base: 3, To: 6}, true},
		{"after a gap", known, List{Base: 6, To: 7}, false},
		{"what it has", known, List{Base: 3, To: 5}, false},
		{"changes of an unknown process", unknown, List{To: 6}, false},
		{"a whole list that nobody asked for", idle, List{To: 6, Whole: true}, false},
		{"a whole list for others", idle, List{To: 6, Whole: true, Nonces: others}, false},
		{"a part of one for others", known, List{Base: 5, To: 6, Whole: true, Nonces: others}, false},
		{"an answer", known, List{Base: 5, To: 6, Nonces: ours}, true},
		{"an answer without news", known, List{Base: 5, To: 5, Nonces: ours}, true},
		{"an answer after a gap", known, List{Base: 6, To: 7, Nonces: ours}, false},
		{"a whole answer", known, List{To: 3, Whole: true, Nonces: ours}, true},
		{"a part of one", known, List{Base: 5, To: 6, Whole: true, Nonces: ours}, true},
		{"a whole answer of an unknown process", unknown, List{To: 3, Whole: true, Nonces: ours}, true},
		{"a later part of one", unknown, List{Base: 3, To: 6, Whole: true, Nonces: ours}, false},
		{"part of an answer to others", unknown, List{To: 6, Nonces: ours}, false},
	}
	for _, test := range tests {
		if got := test.peer.wants(&test.list); got != test.want {
			t.Errorf("%s: wants = %v, want %v", test.name, got, test.want)
		}
	}
}

// An answer in parts is one answer: the ask is done with when the last part has come.
func TestAnswerInParts(t *testing.T) {
	p := peer{nonce: 7}
	for base := range uint64(3) {
		l := listOf(base, true, 3, entry(base+1, "room", "x"))
		l.Nonces = []uint64{7}
		if !p.wants(l) {
			t.Errorf("the part after %d is not wanted, want it to be", base)
		}
		if _, err := p.take(l, generous); err != nil {
			t.Errorf("take = %v, want no error", err)
		}
		if done := p.nonce == 0; done != l.last() || p.Version != base+1 {
			t.Errorf("after the part after %d: done %v at version %d, want %v at %d",
				base, done, p.Version, l.last(), base+1)
		}
	}
}
