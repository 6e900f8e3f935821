package recovered_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/internal/recovered"
)

// codec has a nil pointer where its MarshalJSON looks.
type codec struct{ inner *struct{ text string } }

func (c codec) MarshalJSON() ([]byte, error) { return json.Marshal(c.inner.text) }

// rude is a panic's value whose own method panics with itself.
type rude struct{}

func (rude) Error() string { panic(rude{}) }

func deep(n int) {
	if n == 0 {
		panic(io.EOF)
	}
	deep(n - 1)
}

func TestCall(t *testing.T) {
	tests := []struct {
		name        string
		call        func() error
		want, never string
	}{
		{name: "no error", call: func() error { return nil }},
		{name: "an error", call: func() error { return io.EOF }, want: "EOF", never: "panic"},
		{name: "a text", call: func() error { panic("at the disco") },
			want: "panic: at the disco\n\t"},
		{name: "a nil dereference in a codec", call: func() error {
			_, err := json.Marshal(codec{})
			return err
		}, want: "recovered_test.codec.MarshalJSON ", never: "encoding/json"},
		{name: "a value that panics", call: func() error { panic(rude{}) },
			want: "panic: a recovered_test.rude"},
		{name: "deep", call: func() error { deep(1000); return nil }, want: "recovered_test.deep "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := ""
			if err := recovered.Call(test.call); err != nil {
				text = err.Error()
			}
			if (text == "") != (test.want == "") || !strings.Contains(text, test.want) ||
				test.never != "" && strings.Contains(text, test.never) ||
				strings.Contains(text, "testing.tRunner") {
				t.Errorf("Call = %s, want %q, without %q", text, test.want, test.never)
			}
			if strings.HasPrefix(text, "panic") && !strings.Contains(text, "recovered_test.go:") {
				t.Errorf("Call = %s, want the file and the line", text)
			}
			if lines := strings.Count(text, "\n"); lines > 16 {
				t.Errorf("the stack has %d frames, want 16 at most", lines)
			}
		})
	}
}

func TestUnwrap(t *testing.T) {
	if err := recovered.Call(func() error { deep(1); return nil }); !errors.Is(err, io.EOF) {
		t.Errorf("Call = %v, want %v in it", err, io.EOF)
	}
}
