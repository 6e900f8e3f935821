package rooms

import (
	"math"
	"testing"
)

// Contract 11.3: positions come from clients, malformed ones too.
var positions = []struct {
	name, text string
	want       Place
	ok         bool
}{
	{name: "empty", text: ""},
	{name: "small", text: "1-z", want: Place{1, 35}, ok: true},
	{name: "an empty log", text: "0-z", want: Place{0, 35}, ok: true},
	{name: "largest", text: "3w5e11264sgsf-3w5e11264sgsf",
		want: Place{math.MaxUint64, math.MaxUint64}, ok: true},
	{name: "too large", text: "3w5e11264sgsg-1"},
	{name: "zero", text: "0-0"},
	{name: "no tag", text: "1"},
	{name: "empty tag", text: "1-"},
	{name: "three parts", text: "1-2-3"},
	{name: "upper case", text: "1-Z"},
	{name: "leading zero", text: "01-1"},
	{name: "sign", text: "+1-1"},
	{name: "negative", text: "-1-1"},
	{name: "underscore", text: "1_0-1"},
	{name: "blank", text: " 1-1"},
	{name: "line", text: "1-1\n"},
	{name: "not ASCII", text: "١-١"},
}

func TestParsePlace(t *testing.T) {
	for _, test := range positions {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := parsePlace(test.text); got != test.want || ok != test.ok {
				t.Errorf("parsePlace(%q) = %v, %v, want %v, %v", test.text, got, ok, test.want, test.ok)
			}
		})
	}
}

// FuzzPosition: text that is taken is the text of what it was taken for, and short.
func FuzzPosition(f *testing.F) {
	for _, test := range positions {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, ok := parsePlace(text)
		if ok && (p.String() != text || len(text) > 27) {
			t.Errorf("parsePlace(%q) = %v, which is %q", text, p, p.String())
		}
	})
}
