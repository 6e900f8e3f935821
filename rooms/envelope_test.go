package rooms

import (
	"bytes"
	"testing"
)

// FuzzUnseal: nothing that comes from a network makes it panic, and what it accepts is
// what seal makes.
func FuzzUnseal(f *testing.F) {
	for _, data := range [][]byte{
		nil, {format}, {2}, []byte("{}"),
		seal(newOrigin(), nil), seal(newOrigin(), []byte("body")),
	} {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		from, body, err := unseal(data)
		if err != nil {
			return
		}
		if got := seal(from, body); !bytes.Equal(got, data) {
			t.Errorf("seal(unseal(%q)) = %q, want the same", data, got)
		}
	})
}

func TestOriginsDiffer(t *testing.T) {
	if a, b := New[string](nil), New[string](nil); a.origin == b.origin || a.origin == (origin{}) {
		t.Errorf("two Rooms have the origins %x and %x, want different ones",
			a.origin, b.origin)
	}
}
