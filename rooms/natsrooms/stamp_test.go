package natsrooms

import (
	"bytes"
	"encoding/binary"
	"testing"
)

func TestLate(t *testing.T) {
	a, b := newSender(), newSender()
	tests := []struct {
		name  string
		stamp stamp
		want  bool
	}{
		{name: "first", stamp: stamp{a, 3}},
		{name: "same connection", stamp: stamp{a, 3}},
		{name: "other sender", stamp: stamp{b, 1}},
		{name: "next connection", stamp: stamp{a, 4}},
		{name: "replaced connection", stamp: stamp{a, 3}, want: true},
		{name: "next connection again", stamp: stamp{a, 4}},
		{name: "other sender again", stamp: stamp{b, 1}},
	}
	g := make(generations)
	for _, test := range tests {
		if got := g.late(test.stamp); got != test.want {
			t.Errorf("%s: late = %v, want %v", test.name, got, test.want)
		}
	}
}

func TestGenerationsAreBounded(t *testing.T) {
	g := make(generations)
	for i := range uint64(3 * maxSenders) {
		var s stamp
		binary.BigEndian.PutUint64(s.sender[:], i)
		if g.late(s); len(g) > maxSenders {
			t.Fatalf("%d senders remembered, want %d at most", len(g), maxSenders)
		}
	}
}

// FuzzUnseal: what is accepted is what seal makes, and nothing panics.
func FuzzUnseal(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{stampFormat})
	f.Add(stamp{newSender(), 1}.seal([]byte("body")))
	f.Add(append([]byte{2}, make([]byte, stampSize)...))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		s, data, ok := unseal(sealed)
		if !ok {
			return
		}
		if got := s.seal(data); !bytes.Equal(got, sealed) {
			t.Errorf("seal(unseal(%q)) = %q, want the same", sealed, got)
		}
	})
}
