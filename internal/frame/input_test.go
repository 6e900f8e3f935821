package frame

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// asked records how much each read asks for.
type asked struct {
	io.Reader
	sizes []int
}

func (a *asked) Read(p []byte) (int, error) {
	a.sizes = append(a.sizes, len(p))
	return a.Reader.Read(p)
}

// A read asks for the whole buffer, so that later bytes can come along. A read for
// the rest of a large message bypasses the buffer and asks for no more than that, or than
// what has arrived justifies.
func TestReadSizes(t *testing.T) {
	small := wstest.Text("hello")
	const arrived = 1024 - 8 // of a frame of 10000 bytes, with the header of 8
	for _, test := range []struct {
		name   string
		frames []wstest.Frame // each arrives in its own read
		want   []int
	}{
		{name: "small ones", frames: []wstest.Frame{small, small, small},
			want: []int{1024, 1024, 1024, 1024}},
		{name: "large", frames: []wstest.Frame{wstest.Text(a(10000)), small},
			want: []int{1024, trusted - arrived, 10000 - trusted, 1024, 1024}},
		{name: "a small rest", frames: []wstest.Frame{wstest.Text(a(1020)), small},
			want: []int{1024, 1024, 1024, 1024}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var parts []io.Reader
			for _, f := range test.frames {
				parts = append(parts, bytes.NewReader(f.Append(nil)))
			}
			src := &asked{Reader: io.MultiReader(parts...)}
			r := NewReader(NewBuffer(src, 1024), Options{})
			for err := error(nil); err == nil; {
				_, err = r.Next()
			}
			if !slices.Equal(src.sizes, test.want) {
				t.Errorf("reads asked for %d bytes, want %d", src.sizes, test.want)
			}
		})
	}
}
