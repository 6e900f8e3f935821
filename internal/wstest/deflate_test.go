package wstest

import (
	"strings"
	"testing"
)

// The sample of RFC 7692, section 7.2.3.1.
const helloDeflated = "\xf2\x48\xcd\xc9\xc9\x07\x00"

func TestDeflate(t *testing.T) {
	if got, err := Inflate([]byte(helloDeflated)); err != nil || string(got) != "Hello" {
		t.Errorf("Inflate() = %q, %v, want Hello", got, err)
	}
	for _, want := range []string{"", "Hello", strings.Repeat("a", 1<<20)} {
		p := Deflate([]byte(want))
		if got, err := Inflate(p); err != nil || string(got) != want {
			t.Errorf("Inflate(Deflate()) = %.20q, %v, want %.20q", got, err, want)
		}
		if len(want) == 1<<20 && len(p) > len(want)/900 {
			t.Errorf("Deflate() of %d equal bytes has %d, want a thousandth", len(want),
				len(p))
		}
	}
	if _, err := Inflate([]byte("\xff\xff")); err == nil {
		t.Error("Inflate() of garbage = nil, want an error")
	}
	if f := Compressed(OpText, []byte("Hello")); f.Rsv != Rsv1 || !f.Fin || !f.Masked ||
		f.Opcode != OpText {
		t.Errorf("Compressed() = %v, want a final masked text with RSV1", f)
	}
}
