package sockets_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
)

// text is a message for JSON.
type text struct {
	Text string
	Any  any `json:",omitempty"`
}

// kindsTest is a row of TestKinds.
type kindsTest struct {
	name     string
	handlers []martini.Handler
	send     wstest.Frame
	// the frame that comes back; a close frame if the message is refused
	opcode byte
	want   string
	code   int
}

// Contract 2.1: which frames each kind accepts and sends. A test with no echo
// wants a refusal.
func TestKinds(t *testing.T) {
	var (
		ofText = []martini.Handler{apptest.JSON(text{}, apptest.Silent()),
			apptest.Echo[*text]}
		ofPointer = []martini.Handler{sockets.JSON(&text{}, apptest.Silent()),
			apptest.Echo[*text]}
		ofNil = []martini.Handler{sockets.JSON((*text)(nil), apptest.Silent()),
			apptest.Echo[*text]}
		ofMap = []martini.Handler{apptest.JSON(map[string]any{}, apptest.Silent()),
			apptest.Echo[*map[string]any]}
		ofAny = []martini.Handler{sockets.JSON(new(any), apptest.Silent()),
			apptest.Echo[*any]}
		strs = []martini.Handler{apptest.Text(apptest.Silent()),
			apptest.Echo[string]}
		slices = []martini.Handler{apptest.Bytes(apptest.Silent()),
			apptest.Echo[[]byte]}
	)
	for _, test := range []kindsTest{
		{"JSON", ofText, wstest.Text(`{"Text":"a"}`), wstest.OpText, `{"Text":"a"}`, 0},
		{"JSON of a pointer", ofPointer, wstest.Text(`{"Text":"a"}`), wstest.OpText,
			`{"Text":"a"}`, 0},
		{"JSON of a typed nil", ofNil, wstest.Text(`{"Text":"a"}`), wstest.OpText,
			`{"Text":"a"}`, 0},
		{"JSON of a map", ofMap, wstest.Text(`{"b":[1],"a":null}`), wstest.OpText,
			`{"a":null,"b":[1]}`, 0},
		{"JSON of anything", ofAny, wstest.Text(`[1,"a"]`), wstest.OpText, `[1,"a"]`, 0},
		{"JSON with an interface{} field", ofText,
			wstest.Text(`{"Text":"a","Any":{"b":[1]}}`), wstest.OpText,
			`{"Text":"a","Any":{"b":[1]}}`, 0},
		{"JSON in a binary frame", ofText, wstest.Binary([]byte(`{"Text":"ä"}`)),
			wstest.OpText, `{"Text":"ä"}`, 0},
		{"JSON null is no nil message", ofText, wstest.Text(`null`), wstest.OpText,
			`{"Text":""}`, 0},
		{"string", strs, wstest.Text("hellö"), wstest.OpText, "hellö", 0},
		{"string in a binary frame", strs, wstest.Binary([]byte("hellö")), wstest.OpText,
			"hellö", 0},
		{"empty string", strs, wstest.Text(""), wstest.OpText, "", 0},
		{"empty string in a binary frame", strs, wstest.Binary(nil), wstest.OpText, "",
			0},
		{"string with a zero", strs, wstest.Text("a\x00b"), wstest.OpText, "a\x00b", 0},
		{"slice", slices, wstest.Binary([]byte{0, 0xff, 1}), wstest.OpBinary,
			"\x00\xff\x01", 0},
		{"slice in a text frame", slices, wstest.Text("hellö"), wstest.OpBinary, "hellö",
			0},
		{"empty slice", slices, wstest.Binary(nil), wstest.OpBinary, "", 0},
		{"empty slice in a text frame", slices, wstest.Text(""), wstest.OpBinary, "", 0},

		{"JSON of nothing", ofText, wstest.Text(""), wstest.OpClose, "", 1007},
		{"JSON with a tail", ofText, wstest.Text(`{}{}`), wstest.OpClose, "", 1007},
		{"JSON of another type", ofText, wstest.Text(`{"Text":1}`), wstest.OpClose, "",
			1007},
		{"JSON that is not UTF-8", ofText, wstest.Text("{\"Text\":\"\xff\"}"),
			wstest.OpClose, "", 1007},
		{"JSON that is not UTF-8 in a binary frame", ofText,
			wstest.Binary([]byte("{\"Text\":\"\xff\"}")), wstest.OpClose, "", 1007},
		{"string that is not UTF-8", strs, wstest.Text("a\xff"), wstest.OpClose, "",
			1007},
		{"string that is not UTF-8 in a binary frame", strs,
			wstest.Binary([]byte("a\xff")), wstest.OpClose, "", 1007},
		{"string that is half a rune", strs, wstest.Text("a\xc3"), wstest.OpClose, "",
			1007},
		{"string that is a surrogate", strs, wstest.Text("\xed\xa0\x80"), wstest.OpClose,
			"", 1007},
		{"slice that is not UTF-8 in a text frame", slices, wstest.Text("a\xff"),
			wstest.OpClose, "", 1007},
	} {
		apptest.Bubble(t, test.name, test.run)
	}
}

func (test kindsTest) run(t *testing.T) {
	client := wstest.NewMemoryServer(t, apptest.App(test.handlers...),
		0).Dial("/ws", nil)

	client.Send(test.send)

	got := client.ReadFrame()
	if got.Opcode != wstest.OpClose {
		if got.Opcode != test.opcode || string(got.Payload) != test.want {
			t.Errorf("echo of %v = %v, want opcode %d with %q", test.send, got,
				test.opcode, test.want)
		}
		return
	}
	if code, _, _ := got.CloseCode(); test.opcode != wstest.OpClose ||
		code != test.code {
		t.Errorf("echo of %v = %v, want opcode %d, code %d", test.send, got,
			test.opcode, test.code)
	}
}

// Contract 2.1: a message belongs to the handler. An empty slice is not nil,
// and a slice does not change with the next message.
func TestReceivedSlices(t *testing.T) {
	received := make(chan []byte, 3)
	handler := func(receiver <-chan []byte) {
		for range 3 {
			received <- <-receiver
		}
	}
	client := wstest.NewMemoryServer(t,
		apptest.App(apptest.Bytes(apptest.Silent()), handler), 0).Dial("/ws",
		nil)

	client.Send(wstest.Binary([]byte("first")), wstest.Binary(nil),
		wstest.Binary([]byte("third")))

	first, second, third := apptest.Next(t, "first", received),
		apptest.Next(t, "second", received),
		apptest.Next(t, "third", received)
	if string(first) != "first" || second == nil || len(second) != 0 ||
		string(third) != "third" {
		t.Errorf("received %q, %#v, %q, want first, an empty slice, third", first, second,
			third)
	}
}

// Contract 2.1: a nil goes out as encoding/json's null, or as an empty binary frame.
func TestNilSent(t *testing.T) {
	for _, test := range []struct {
		name     string
		handlers []martini.Handler
		want     string
	}{
		{"JSON",
			[]martini.Handler{apptest.JSON(text{}, apptest.Silent()),
				func(sender chan<- *text) { sender <- nil }}, "null"},
		{"slice",
			[]martini.Handler{apptest.Bytes(apptest.Silent()),
				func(sender chan<- []byte) { sender <- nil }}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			client := wstest.NewMemoryServer(t, apptest.App(test.handlers...),
				0).Dial("/ws", nil)

			_, got := client.ReadMessage()
			code, _ := client.ReadClose()

			if string(got) != test.want || code != 1000 {
				t.Errorf("received %q and %d, want %q and 1000", got, code, test.want)
			}
		})
	}
}

// Contract 4.3: a string from the receiver is valid UTF-8, whatever frames it
// came in. An invalid string is not sent.
func TestInvalidStringSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var err error
		handler := func(sender chan<- string, errs <-chan error) {
			sender <- "a\xff"
			err = <-errs
		}
		client := socketstest.Dial(t, apptest.Messages(handler), "/ws")

		got, end := apptest.All(client)
		synctest.Wait()

		if len(got) != 0 || apptest.CloseCode(end) != 1011 ||
			!errors.Is(err, sockets.ErrInvalidUTF8) {
			t.Errorf("received %q, %v, error %v, want nothing, 1011, ErrInvalidUTF8", got,
				end, err)
		}
	})
}

// Contract 2, the table: what a handler of any kind can ask for.
func TestInjected(t *testing.T) {
	type bag struct {
		receiver, sender, prepared, disconnect, errs int
	}
	bags := make(chan bag, 1)
	o := apptest.Silent(func(o *sockets.Options) {
		o.RecvChannelBuffer, o.SendChannelBuffer = 3, 4
	})
	for _, test := range []struct {
		name     string
		handlers []martini.Handler
	}{
		{"JSON",
			[]martini.Handler{apptest.JSON(text{}, o),
				func(a <-chan *text, b chan<- *text, c martini.Context) {
					c.Map(bag{receiver: cap(a), sender: cap(b)})
				}}},
		{"Messages",
			[]martini.Handler{apptest.Text(o),
				func(a <-chan string, b chan<- string, c martini.Context) {
					c.Map(bag{receiver: cap(a), sender: cap(b)})
				}}},
		{"ByteSliceMessages",
			[]martini.Handler{apptest.Bytes(o),
				func(a <-chan []byte, b chan<- []byte, c martini.Context) {
					c.Map(bag{receiver: cap(a), sender: cap(b)})
				}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			rest := func(b bag, p chan<- *sockets.Prepared, disconnect chan<- int,
				errs <-chan error, done <-chan bool, c *sockets.Connection,
				w http.ResponseWriter) {
				b.prepared, b.disconnect, b.errs = cap(p), cap(disconnect), cap(errs)
				bags <- b
			}
			socketstest.Dial(t, apptest.App(append(test.handlers, rest)...), "/ws")

			if got, want := apptest.Next(t, "bag",
				bags), (bag{3, 4, 4, 1, 1}); got != want {
				t.Errorf("capacities = %+v, want %+v", got, want)
			}
		})
	}
}

// Contract 2.2: options are copied when the handler is made.
func TestOptionsAreCopied(t *testing.T) {
	o := apptest.Silent()
	receiver := make(chan string, 1)
	server := wstest.NewServer(t,
		apptest.App(apptest.Text(o), func(from <-chan string) { receiver <- <-from }))
	*o = sockets.Options{AllowedOrigin: "^nobody$", MaxMessageSize: 1,
		RecvChannelBuffer: -1, LogLevel: sockets.LogLevelDebug}
	client := server.Dial("/ws", nil)

	client.Send(wstest.Text("hello"))

	if got := apptest.Next(t, "message", receiver); got != "hello" {
		t.Errorf("received %q, want hello", got)
	}
}

// Contract 2.1: many fragments, one of them empty, make one message.
func TestFragments(t *testing.T) {
	handler := func(from <-chan string, to chan<- string) {
		to <- <-from
	}
	client := wstest.NewMemoryServer(t, apptest.Messages(handler), 0).Dial("/ws", nil)

	client.Send(wstest.Text("h\xc3").More(), wstest.Continuation("").More(),
		wstest.Continuation("\xb6").More(), wstest.Continuation(strings.Repeat("a", 300)))

	if _, got := client.ReadMessage(); string(got) != "hö"+strings.Repeat("a", 300) {
		t.Errorf("ReadMessage() = %q, want it joined", got)
	}
}
