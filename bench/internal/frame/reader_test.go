package frame

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReaderBatch(t *testing.T) {
	long := strings.Repeat("z", 200)
	for _, tt := range []struct {
		name string
		in   string
		want []string
		err  error
	}{
		{"one", "\x81\x02hi", []string{"hi"}, io.EOF},
		{"two in one read", "\x81\x02hi\x82\x01x", []string{"hi", "x"}, io.EOF},
		{"empty", "\x81\x00\x81\x01a", []string{"", "a"}, io.EOF},
		{"two bytes of length", "\x81\x7e\x00\xc8" + long, []string{long}, io.EOF},
		{"eight bytes of length", "\x81\x7f\x00\x00\x00\x00\x00\x00\x00\xc8" + long,
			[]string{long}, io.EOF},
		{"ping between", "\x89\x00\x81\x01a", []string{"a"}, io.EOF},
		{"compressed, not agreed on", "\xc1\x01a", nil, ErrFrame},
		{"masked", "\x81\x81abcde", nil, ErrFrame},
		{"fragment", "\x01\x01a", nil, ErrFrame},
		{"longer than the buffer", "\x81\x7e\xff\xff" + long + long, nil, ErrFrame},
	} {
		for name, src := range map[string]io.Reader{
			"at once":      strings.NewReader(tt.in),
			"byte by byte": iotest.OneByteReader(strings.NewReader(tt.in)),
		} {
			t.Run(tt.name+" "+name, func(t *testing.T) {
				got, err := all(NewReader(src, 256))
				if !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
					t.Errorf("Batch = %q, %v, want %q, %v", got, err, tt.want, tt.err)
				}
			})
		}
	}
}

func TestReaderClose(t *testing.T) {
	got, err := all(NewReader(strings.NewReader("\x81\x01a\x88\x02\x03\xe8"), 64))
	closed, ok := err.(*CloseError)
	if !slices.Equal(got, []string{"a"}) || !ok || closed.Body != "\x03\xe8" {
		t.Errorf("Batch = %q, %v, want a, and a close with code 1000", got, err)
	}
}

func TestReaderInflates(t *testing.T) {
	hello := string(deflate([]byte("hello")))
	frame := "\xc1" + string(byte(len(hello))) + hello
	for _, tt := range []struct {
		name, in string
		want     []string
		err      error
	}{
		{"twice the same", frame + frame, []string{"hello", "hello"}, io.EOF},
		{"nothing", "\xc1\x01\x00", []string{""}, io.EOF},
		{"no deflate", "\xc1\x02\xff\xff", nil, ErrFrame},
		{"not compressed", "\x81\x02hi", nil, ErrFrame},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := NewReader(strings.NewReader(tt.in), 64)
			d.Inflate()
			if got, err := all(d); !slices.Equal(got, tt.want) || !errors.Is(err, tt.err) {
				t.Errorf("Batch = %q, %v, want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestReaderBatchStopsAtAnError(t *testing.T) {
	stop := errors.New("stop")
	d := NewReader(strings.NewReader("\x81\x02hi"), 64)
	_, err := d.Batch(func([]byte) error { return stop })
	if err != stop {
		t.Errorf("Batch = %v, want %v", err, stop)
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("\x81\x02hi"))
	f.Add([]byte("\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xffhi"))
	f.Fuzz(func(t *testing.T, in []byte) {
		_, _ = all(NewReader(bytes.NewReader(in), 64))
	})
}

func all(d *Reader) (got []string, err error) {
	for err == nil {
		_, err = d.Batch(func(p []byte) error { got = append(got, string(p)); return nil })
	}
	return got, err
}
