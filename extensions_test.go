package sockets_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// offers are what clients say in Sec-WebSocket-Extensions, and whether compression is agreed on.
var offers = []struct {
	name  string
	lines []string
	want  bool
}{
	{"bare", []string{"permessage-deflate"}, true},
	{"Chrome", []string{"permessage-deflate; client_max_window_bits"}, true},
	{"gorilla", []string{"permessage-deflate; server_no_context_takeover; client_no_context_takeover"}, true},
	{"no blanks", []string{"permessage-deflate;client_max_window_bits=15"}, true},
	{"many blanks", []string{" \tpermessage-deflate \t; client_max_window_bits = 10 "}, true},
	{"all that can be served", []string{"permessage-deflate; client_max_window_bits=8; server_no_context_takeover; client_no_context_takeover"}, true},
	{"quoted", []string{`permessage-deflate; client_max_window_bits="10"`}, true},
	{"second offer", []string{"permessage-deflate; server_max_window_bits=10, permessage-deflate"}, true},
	{"third offer", []string{"x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits"}, true},
	{"empty elements", []string{", permessage-deflate,"}, true},
	{"second line", []string{"foo", "permessage-deflate"}, true},
	{"second line, first cannot be served", []string{"permessage-deflate; server_max_window_bits=10", "permessage-deflate"}, true},
	{"behind a quoted value", []string{`foo; a="b", permessage-deflate`}, true},

	{"none", nil, false},
	{"empty", []string{" "}, false},
	{"another extension", []string{"x-webkit-deflate-frame"}, false},
	{"longer name", []string{"permessage-deflate2"}, false},
	{"name in quotes", []string{`"permessage-deflate"`}, false},
	{"server_max_window_bits", []string{"permessage-deflate; server_max_window_bits=10"}, false},
	{"server_max_window_bits, the whole window", []string{"permessage-deflate; server_max_window_bits=15"}, false},
	{"server_max_window_bits without value", []string{"permessage-deflate; server_max_window_bits"}, false},
	{"server_max_window_bits behind another", []string{"permessage-deflate; client_max_window_bits; server_max_window_bits=9"}, false},
	{"client_max_window_bits of 7", []string{"permessage-deflate; client_max_window_bits=7"}, false},
	{"client_max_window_bits of 16", []string{"permessage-deflate; client_max_window_bits=16"}, false},
	{"client_max_window_bits of 010", []string{"permessage-deflate; client_max_window_bits=010"}, false},
	{"client_max_window_bits of +9", []string{"permessage-deflate; client_max_window_bits=+9"}, false},
	{"client_max_window_bits of nothing", []string{"permessage-deflate; client_max_window_bits="}, false},
	{"client_max_window_bits of quoted nothing", []string{`permessage-deflate; client_max_window_bits=""`}, false},
	{"client_max_window_bits with blanks", []string{`permessage-deflate; client_max_window_bits=" 9"`}, false},
	{"client_max_window_bits too large to count", []string{"permessage-deflate; client_max_window_bits=99999999999999999999"}, false},
	{"server_no_context_takeover with value", []string{"permessage-deflate; server_no_context_takeover=1"}, false},
	{"client_no_context_takeover with empty value", []string{"permessage-deflate; client_no_context_takeover="}, false},
	{"parameter twice", []string{"permessage-deflate; client_max_window_bits; client_max_window_bits=10"}, false},
	{"unknown parameter", []string{"permessage-deflate; fast"}, false},
	{"parameter in upper case", []string{"permessage-deflate; Client_Max_Window_Bits"}, false},
	{"parameter without name", []string{"permessage-deflate; =10"}, false},
	{"empty parameter", []string{"permessage-deflate;"}, false},
	{"empty parameter between", []string{"permessage-deflate;; client_max_window_bits"}, false},
	{"offer inside of quotes", []string{`foo; a="x, permessage-deflate, y"`}, false},
	{"offer inside of quotes with escapes", []string{`foo; a="\", permessage-deflate, \""`}, false},
	{"offer inside of quotes over lines", []string{`foo; a="x`, "permessage-deflate", `y"`}, false},
	{"quote that does not end", []string{`permessage-deflate, foo; a="x`}, false},
	{"blank that is none", []string{"permessage-deflate\u00a0"}, false},
}

// Contract 1.7, RFC 7692 7.1: an offer is accepted as a whole or declined; the answer is gorilla's only one.
func TestOffers(t *testing.T) {
	server := wstest.NewServer(t, app(sockets.Messages(silent(func(o *sockets.Options) {
		o.Upgrader = &websocket.Upgrader{EnableCompression: true}
	}))))
	for _, test := range offers {
		t.Run(test.name, func(t *testing.T) {
			var want []string
			if test.want {
				want = []string{"permessage-deflate; server_no_context_takeover; client_no_context_takeover"}
			}

			got := server.Connect().Upgrade("/ws", http.Header{"Sec-WebSocket-Extensions": test.lines}).Header["Sec-Websocket-Extensions"]

			if !slices.Equal(got, want) {
				t.Errorf("answer to %q = %q, want %q", test.lines, got, want)
			}
		})
	}
}

// Contract 1.7: compression is off unless the Upgrader says otherwise.
func TestNoCompressionByDefault(t *testing.T) {
	for _, o := range []*sockets.Options{silent(), silent(func(o *sockets.Options) { o.Upgrader = &websocket.Upgrader{} })} {
		server := wstest.NewServer(t, app(sockets.Messages(o)))

		got := server.Connect().Upgrade("/ws", http.Header{"Sec-WebSocket-Extensions": {"permessage-deflate"}}).Header["Sec-Websocket-Extensions"]

		if got != nil {
			t.Errorf("extensions with %+v = %q, want none", o, got)
		}
	}
}

// Contract 1.7: what was agreed on is done: messages are compressed in both directions, also prepared ones, and the handler's middleware
// still sees the header that the client sent.
func TestCompression(t *testing.T) {
	seen := make(chan string, 1)
	server := wstest.NewServer(t, app(
		sockets.Messages(silent(func(o *sockets.Options) { o.Upgrader = &websocket.Upgrader{EnableCompression: true} })),
		func(r *http.Request) { seen <- r.Header.Get("Sec-WebSocket-Extensions") }, echoOf[string]))
	client := server.Connect()
	client.Upgrade("/ws", http.Header{"Sec-WebSocket-Extensions": {"permessage-deflate; client_max_window_bits"}})

	client.Send(wstest.Text(string(wstest.Deflate([]byte("hello hello hello")))).WithRsv(wstest.Rsv1))
	got := client.ReadFrame()

	if text, err := wstest.Inflate(got.Payload); got.Rsv != wstest.Rsv1 || err != nil || string(text) != "hello hello hello" {
		t.Errorf("echo = %v, %q, %v, want it compressed", got, text, err)
	}
	if got := next(t, "header", seen); got != "permessage-deflate; client_max_window_bits" {
		t.Errorf("Sec-WebSocket-Extensions of the request = %q, want it unchanged", got)
	}
}
