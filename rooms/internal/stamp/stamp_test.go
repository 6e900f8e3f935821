package stamp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"testing"
)

func TestLate(t *testing.T) {
	a, b := NewSender(), NewSender()
	tests := []struct {
		name  string
		stamp Stamp
		want  bool
	}{
		{name: "first", stamp: Stamp{a, 3}},
		{name: "same connection", stamp: Stamp{a, 3}},
		{name: "other sender", stamp: Stamp{b, 1}},
		{name: "next connection", stamp: Stamp{a, 4}},
		{name: "replaced connection", stamp: Stamp{a, 3}, want: true},
		{name: "next connection again", stamp: Stamp{a, 4}},
		{name: "other sender again", stamp: Stamp{b, 1}},
	}
	var g generations
	for _, test := range tests {
		if got := g.late(test.stamp); got != test.want {
			t.Errorf("%s: late = %v, want %v", test.name, got, test.want)
		}
	}
}

// A room gets what is in time, and what has no stamp, but is not told of no loss.
func TestListener(t *testing.T) {
	var got []string
	l := Listener{Receive: func(data []byte, lost error) {
		got = append(got, fmt.Sprintf("%s %v", data, lost))
	}}
	for _, generation := range []uint64{1, 2, 1} {
		l.Take(Stamp{Generation: generation}.Seal(fmt.Append(nil, generation)))
	}
	l.Take([]byte("plain"))
	l.Lose(nil)
	l.Lose(io.EOF)
	if want := []string{"1 <nil>", "2 <nil>", "plain <nil>", " EOF"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

func TestGenerationsAreBounded(t *testing.T) {
	var g generations
	for i := range uint64(3 * maxSenders) {
		var s Stamp
		s.Generation = 1
		binary.BigEndian.PutUint64(s.Sender[:], i)
		if g.late(s); len(g.newest) > maxSenders {
			t.Fatalf("%d senders remembered, want %d at most", len(g.newest), maxSenders)
		}
	}
}

// FuzzUnseal: what is accepted is what seal makes, and nothing panics.
func FuzzUnseal(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte{format})
	f.Add(Stamp{NewSender(), 1}.Seal([]byte("body")))
	f.Add(append([]byte{2}, make([]byte, size)...))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		s, data, ok := Unseal(sealed)
		if !ok {
			return
		}
		if got := s.Seal(data); !bytes.Equal(got, sealed) {
			t.Errorf("seal(Unseal(%q)) = %q, want the same", sealed, got)
		}
	})
}
