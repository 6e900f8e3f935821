package gossip

import (
	"math"
	"testing"
)

// An answer begins where the furthest behind of those who asked is, and is whole where
// nobody remembers any more what was removed since, or where that version never was.
func TestAnswers(t *testing.T) {
	tests := []struct {
		name  string
		have  []uint64
		base  uint64
		whole bool
	}{
		{name: "all of it", have: []uint64{0}, whole: true},
		{name: "a little", have: []uint64{25}, base: 25},
		{name: "a little and nothing", have: []uint64{25, 30, 28}, base: 25},
		{name: "all and a little", have: []uint64{30, 0, 25}, whole: true},
		{name: "the last that is remembered", have: []uint64{26 - 2}, base: 24},
		{name: "more than is remembered", have: []uint64{23}, whole: true},
		{name: "what never was", have: []uint64{math.MaxUint64}, whole: true},
	}
	for _, test := range tests {
		o := told(20, 2)
		for number := uint64(1); number <= 6; number++ {
			o.remove(number) // versions 21 to 26
			o.sent = o.Version
		}
		for range 4 {
			o.put(Entry{Room: "room"})
		}
		var a answers
		for i, have := range test.have {
			a.add(uint64(i), have)
		}
		l := a.part(o, 1<<20)
		if l.Base != test.base || l.Whole != test.whole || len(l.Nonces) != len(test.have) {
			t.Errorf("%s: from %d, whole %v, for %d, want from %d, %v, for %d", test.name,
				l.Base, l.Whole, len(l.Nonces), test.base, test.whole, len(test.have))
		}
		if l.Whole && len(l.Removed) > 0 {
			t.Errorf("%s: whole, with %v removed, want none", test.name, l.Removed)
		}
		if !a.due().IsZero() && a.now == nil {
			t.Errorf("%s: there is more to answer, want nothing", test.name)
		}
	}
}
