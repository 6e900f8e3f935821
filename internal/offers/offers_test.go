package offers

import (
	"net/http"
	"testing"
)

// offers lists values of Sec-WebSocket-Extensions, and whether they lead to
// compression.
var offers = []struct {
	name  string
	lines []string
	want  bool
}{
	{"bare", []string{"permessage-deflate"}, true},
	{"Chrome", []string{"permessage-deflate; client_max_window_bits"}, true},
	{"gorilla",
		[]string{"permessage-deflate; server_no_context_takeover; " +
			"client_no_context_takeover"}, true},
	{"no blanks", []string{"permessage-deflate;client_max_window_bits=15"}, true},
	{"many blanks", []string{" \tpermessage-deflate \t; client_max_window_bits = 10 "},
		true},
	{"all that can be served",
		[]string{"permessage-deflate; client_max_window_bits=8; " +
			"server_no_context_takeover; client_no_context_takeover"}, true},
	{"quoted", []string{`permessage-deflate; client_max_window_bits="10"`}, true},
	{"second offer",
		[]string{"permessage-deflate; server_max_window_bits=10, permessage-deflate"},
		true},
	{"third offer",
		[]string{"x-webkit-deflate-frame, permessage-deflate; " +
			"server_max_window_bits=8, permessage-deflate; client_max_window_bits"},
		true},
	{"empty elements", []string{", permessage-deflate,"}, true},
	{"second line", []string{"foo", "permessage-deflate"}, true},
	{"second line, first cannot be served",
		[]string{"permessage-deflate; server_max_window_bits=10", "permessage-deflate"},
		true},
	{"behind a quoted value", []string{`foo; a="b", permessage-deflate`}, true},

	{"none", nil, false},
	{"empty", []string{" "}, false},
	{"another extension", []string{"x-webkit-deflate-frame"}, false},
	{"longer name", []string{"permessage-deflate2"}, false},
	{"name in quotes", []string{`"permessage-deflate"`}, false},
	{"server_max_window_bits", []string{"permessage-deflate; server_max_window_bits=10"},
		false},
	{"server_max_window_bits, the whole window",
		[]string{"permessage-deflate; server_max_window_bits=15"}, false},
	{"server_max_window_bits without value",
		[]string{"permessage-deflate; server_max_window_bits"}, false},
	{"server_max_window_bits behind another",
		[]string{"permessage-deflate; client_max_window_bits; server_max_window_bits=9"},
		false},
	{"client_max_window_bits of 7",
		[]string{"permessage-deflate; client_max_window_bits=7"}, false},
	{"client_max_window_bits of 16",
		[]string{"permessage-deflate; client_max_window_bits=16"}, false},
	{"client_max_window_bits of 010",
		[]string{"permessage-deflate; client_max_window_bits=010"}, false},
	{"client_max_window_bits of +9",
		[]string{"permessage-deflate; client_max_window_bits=+9"}, false},
	{"client_max_window_bits of nothing",
		[]string{"permessage-deflate; client_max_window_bits="}, false},
	{"client_max_window_bits of quoted nothing",
		[]string{`permessage-deflate; client_max_window_bits=""`}, false},
	{"client_max_window_bits with blanks",
		[]string{`permessage-deflate; client_max_window_bits=" 9"`}, false},
	{"client_max_window_bits too large to count",
		[]string{"permessage-deflate; client_max_window_bits=99999999999999999999"},
		false},
	{"server_no_context_takeover with value",
		[]string{"permessage-deflate; server_no_context_takeover=1"}, false},
	{"client_no_context_takeover with empty value",
		[]string{"permessage-deflate; client_no_context_takeover="}, false},
	{"parameter twice",
		[]string{"permessage-deflate; client_max_window_bits; client_max_window_bits=10"},
		false},
	{"unknown parameter", []string{"permessage-deflate; fast"}, false},
	{"parameter in upper case", []string{"permessage-deflate; Client_Max_Window_Bits"},
		false},
	{"parameter without name", []string{"permessage-deflate; =10"}, false},
	{"empty parameter", []string{"permessage-deflate;"}, false},
	{"empty parameter between", []string{"permessage-deflate;; client_max_window_bits"},
		false},
	{"offer inside of quotes", []string{`foo; a="x, permessage-deflate, y"`}, false},
	{"offer inside of quotes with escapes",
		[]string{`foo; a="\", permessage-deflate, \""`}, false},
	{"offer inside of quotes over lines",
		[]string{`foo; a="x`, "permessage-deflate", `y"`}, false},
	{"quote that does not end", []string{`permessage-deflate, foo; a="x`}, false},
	{"blank that is none", []string{"permessage-deflate\u00a0"}, false},
}

// Contract 1.7, RFC 7692 7.1: an offer is accepted as a whole or declined.
// Other headers stay, and later handlers see the original request.
func TestServable(t *testing.T) {
	for _, test := range offers {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{Header: http.Header{extensionsHeader: test.lines,
				"Host": {"h"}}}
			want := ""
			if test.want {
				want = "permessage-deflate"
			}

			got, compressed := Servable(r)

			if compressed != test.want || got.Header.Get(extensionsHeader) != want ||
				got.Header.Get("Host") != "h" {
				t.Errorf("Servable(%q) = %v, %t, want %q", test.lines, got.Header,
					compressed, want)
			}
			if len(r.Header[extensionsHeader]) != len(test.lines) {
				t.Errorf("the request was changed: %v", r.Header)
			}
		})
	}
}
