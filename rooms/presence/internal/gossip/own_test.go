package gossip

import (
	"fmt"
	"slices"
	"testing"
)

// told makes an own that everybody was told of, with some entries.
func told(entries, memory int) *own {
	n := New(ID{1}, testBeat, generous)
	o := &n.own
	o.memory = memory
	for i := range entries {
		o.put(Entry{Room: "room", Key: fmt.Sprint(i), Value: []byte("value")})
	}
	o.sent, o.told = o.Version, o.Version
	return o
}

// numbers are the entries that a list has.
func numbers(l *List) (all []uint64) {
	for _, e := range l.Entries {
		all = append(all, e.Number)
	}
	return all
}

// What changed after a version is listed, once, in the order of the last change.
func TestPart(t *testing.T) {
	o := told(4, 10)
	o.put(Entry{Number: 2, Value: []byte("other")}) // version 5
	o.remove(3)                                     // 6
	o.put(Entry{Number: 1, Value: []byte("other")}) // 7
	o.put(Entry{Number: 1, Value: []byte("again")}) // 8
	o.remove(99)                                    // none
	tests := []struct {
		base, since      uint64
		entries, removed []uint64
	}{
		{base: 0, entries: []uint64{4, 2, 1}, removed: []uint64{3}},
		{base: 0, since: 6, entries: []uint64{4, 2, 1}},
		{base: 3, entries: []uint64{4, 2, 1}, removed: []uint64{3}},
		{base: 4, entries: []uint64{2, 1}, removed: []uint64{3}},
		{base: 6, entries: []uint64{1}},
		{base: 8},
	}
	for _, test := range tests {
		l := o.part(test.base, test.since, 1<<20)
		if !slices.Equal(numbers(l), test.entries) || !slices.Equal(l.Removed, test.removed) {
			t.Errorf("after %d: entries %v and removed %v, want %v and %v",
				test.base, numbers(l), l.Removed, test.entries, test.removed)
		}
		if !l.last() || l.Now != o.State || l.Base != test.base {
			t.Errorf("after %d: the list is from %d to %d of %d, want all", test.base, l.Base, l.To, l.Now)
		}
	}
}

// Contract 12.3: a message is bounded. Parts follow each other without a gap.
func TestParts(t *testing.T) {
	o := told(50, 100)
	for number := uint64(1); number < 50; number += 3 {
		o.remove(number)
	}
	o.put(Entry{Room: "room", Key: "long", Value: make([]byte, 5000)})
	o.put(Entry{Room: "room", Key: "last"})
	var base uint64
	var entries, removed []uint64
	for parts := 1; ; parts++ {
		l := o.part(base, 0, 500)
		m := &Message{List: l}
		if size := len(m.Encode()); size > 600 && len(l.Entries)+len(l.Removed) > 1 {
			t.Errorf("part %d has %d bytes, want about 500", parts, size)
		}
		if err := l.check(); err != nil || l.Base != base || l.To <= base {
			t.Fatalf("part %d is from %d to %d: %v, want it to go on from %d",
				parts, l.Base, l.To, err, base)
		}
		entries, removed = append(entries, numbers(l)...), append(removed, l.Removed...)
		if base = l.To; l.last() {
			break
		}
	}
	if len(entries) != 35 || len(removed) != 17 {
		t.Errorf("all parts have %d entries and %d removed, want 35 and 17", len(entries), len(removed))
	}
}

// Removals are forgotten only when everybody was told, and one that nobody knew of at
// once.
func TestGraves(t *testing.T) {
	o := told(20, 4)
	for number := uint64(1); number <= 10; number++ {
		o.remove(number)
	}
	if len(o.graves) != 10 || o.floor != 0 {
		t.Errorf("before telling: %d graves above %d, want 10 above 0", len(o.graves), o.floor)
	}
	o.sent = o.graves[0].version
	o.trim()
	if len(o.graves) != 9 || o.floor != o.sent {
		t.Errorf("the first is told: %d graves above %d, want 9 above %d",
			len(o.graves), o.floor, o.sent)
	}
	o.sent = o.Version
	o.remove(11)
	if len(o.graves) != 4 || o.floor != o.Version-4 {
		t.Errorf("after telling: %d graves above %d, want 4 above %d",
			len(o.graves), o.floor, o.Version-4)
	}
	secret := o.put(Entry{Room: "room", Key: "secret"})
	o.remove(secret)
	if last := o.graves[len(o.graves)-1]; last.number == secret {
		t.Error("one that nobody knew of has a grave, want none")
	}
	known := o.put(Entry{Room: "room", Key: "answered"})
	o.part(o.floor, 0, 1<<20) // to somebody who asked
	o.remove(known)
	if last := o.graves[len(o.graves)-1]; last.number != known {
		t.Errorf("one that somebody was told of: the last grave is of %d, want %d", last.number, known)
	}
}

// The digest is that of the entries, however they came about.
func TestDigest(t *testing.T) {
	o := told(3, 10)
	o.put(Entry{Number: 1, Value: []byte("other")})
	o.remove(2)
	var want uint64
	for e := o.order.Front(); e != nil; e = e.Next() {
		want += e.Value.(*owned).Entry.hash()
	}
	if o.Digest != want {
		t.Errorf("Digest = %d, want the sum of the hashes, %d", o.Digest, want)
	}
	o.remove(1)
	o.remove(3)
	if o.Digest != 0 || o.Version != 7 {
		t.Errorf("empty: Digest = %d at version %d, want 0 at 7", o.Digest, o.Version)
	}
}
