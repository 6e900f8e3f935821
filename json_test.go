package sockets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"
)

type chatMessage struct {
	Text  string         `json:"text,omitempty"`
	Count int            `json:"count,omitempty"`
	Any   any            `json:"any,omitempty"`
	Map   map[string]int `json:"map,omitempty"`
	Next  *chatMessage   `json:"next,omitempty"`
}

// filledChannel is a channel, which has no JSON, with an UnmarshalJSON of its own.
type filledChannel chan int

func (c *filledChannel) UnmarshalJSON([]byte) error {
	*c = make(filledChannel, 1)
	return nil
}

// textFunc is a func with an UnmarshalText of its own.
type textFunc func()

func (f *textFunc) UnmarshalText([]byte) error { return nil }

// Contract 2.1: T and *T both give channels of *T, for every type that
// encoding/json can fill.
func TestJSONChannels(t *testing.T) {
	var nothing *chatMessage
	for _, test := range []struct {
		name string
		v    any
		want any
	}{
		{"struct", chatMessage{}, (chan *chatMessage)(nil)},
		{"pointer", &chatMessage{}, (chan *chatMessage)(nil)},
		{"typed nil pointer", nothing, (chan *chatMessage)(nil)},
		{"empty struct", struct{}{}, (chan *struct{})(nil)},
		{"map", map[string]any{}, (chan *map[string]any)(nil)},
		{"nil map", map[string]any(nil), (chan *map[string]any)(nil)},
		{"pointer to a map", &map[string]any{}, (chan *map[string]any)(nil)},
		{"slice", []int{}, (chan *[]int)(nil)},
		{"array", [3]int{}, (chan *[3]int)(nil)},
		{"string", "", (chan *string)(nil)},
		{"number", 1.5, (chan *float64)(nil)},
		{"interface{}", new(any), (chan *any)(nil)},
		{"pointer to a pointer", new(*chatMessage), (chan **chatMessage)(nil)},
		{"json.RawMessage", json.RawMessage{}, (chan *json.RawMessage)(nil)},
		{"UnmarshalJSON", filledChannel(nil), (chan *filledChannel)(nil)},
		{"UnmarshalText", textFunc(nil), (chan *textFunc)(nil)},
	} {
		t.Run(test.name, func(t *testing.T) {
			injected := newJSONKind(test.v).channels(3, 4).injected

			element := reflect.TypeOf(test.want).Elem()
			for i, dir := range []reflect.ChanDir{reflect.RecvDir, reflect.SendDir} {
				got, want := reflect.ValueOf(injected[i]), reflect.ChanOf(dir, element)
				if got.Type() != want || got.Cap() != 3+i {
					t.Errorf("JSON(%T) injects %v with room for %d, want %v for %d",
						test.v, got.Type(), got.Cap(), want, 3+i)
				}
			}
		})
	}
}

// Contract 1.6: a type that encoding/json can never fill panics when the
// handler is made.
func TestJSONMisuse(t *testing.T) {
	for _, test := range []struct {
		v    any
		want string
	}{
		{nil, "sockets: JSON <nil>: "},
		{make(chan int), "sockets: JSON chan int: "},
		{func() {}, "sockets: JSON func(): "},
		{complex(1, 1), "sockets: JSON complex128: "},
		{unsafe.Pointer(nil), "sockets: JSON unsafe.Pointer: "},
		{new(error), "sockets: JSON error: "},
		{struct{ text string }{}, "sockets: JSON struct { text string }: "},
		{struct{ sync.Mutex }{}, "sockets: JSON struct { sync.Mutex }: "},
		{struct{ Err error }{}, "sockets: JSON struct { Err error }: "},
		{struct{ Errs []map[string]*error }{}, "sockets: JSON struct {"},
		{struct{ F func() }{}, "sockets: JSON struct { F func() }: "},
		{[]error{}, "sockets: JSON []error: "},
		{map[[2]int]string{}, "sockets: JSON map[[2]int]string: "},
		{struct{ *hidden }{}, "sockets: JSON struct { *sockets.hidden }: "},
		{struct{ In struct{ *hidden } }{}, "sockets: JSON struct {"},
		{struct{ number }{}, "sockets: JSON struct { sockets.number }: "},
		{Circle{}, "sockets: JSON sockets.Circle: "},
	} {
		got := panicOf(func() { JSON(test.v) })
		if s, _ := got.(string); !strings.HasPrefix(s, test.want) {
			t.Errorf("JSON(%T) panics with %v, want %q in front", test.v, got, test.want)
		}
	}
}

type hidden struct{ Text string }

type number int

// Circle embeds itself and has nothing else.
type Circle struct{ *Circle }

type Nothing struct{}

// Cyclic embeds itself, which encoding/json allows.
type Cyclic struct {
	*Cyclic
	Text string
}

// Only one method makes each of these fit for JSON: they show no field.
type (
	fillsItself   struct{ _ int }
	encodesItself struct{ _ int }
	writesItself  struct{ _ int }
)

func (*fillsItself) UnmarshalJSON([]byte) error     { return nil }
func (*encodesItself) MarshalJSON() ([]byte, error) { return []byte("1"), nil }
func (*writesItself) MarshalText() ([]byte, error)  { return []byte("1"), nil }

// Contract 1.6: types with parts that encoding/json passes over, or that fill themselves,
// are no mistake.
func TestJSONAllows(t *testing.T) {
	type tree struct {
		Text     string
		Children []*tree
		Any      any
	}
	for _, v := range []any{
		struct{}{}, tree{}, []tree{}, time.Time{}, json.Number(""), big.Int{},
		struct {
			sync.Mutex
			Text string
		}{},
		struct {
			hidden
			Err  error `json:"-"`
			done chan bool
		}{},
		struct {
			At    *time.Time
			Extra struct{ private int }
			Lock  sync.Mutex
		}{},
		map[int]json.RawMessage{}, map[netip.Addr]bool{}, Cyclic{},
		struct{ C filledChannel }{}, [2]any{},
		struct {
			Nothing `json:"nothing"`
		}{},
		fillsItself{}, encodesItself{}, writesItself{},
	} {
		if got := panicOf(func() { JSON(v) }); got != nil {
			t.Errorf("JSON(%T) panics with %v", v, got)
		}
	}
}

func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// decoding lists frames, and the message or the error that each becomes.
var decoding = []struct {
	name string
	data string
	want chatMessage
	err  bool
}{
	{"object", `{"text":"hello","count":3}`, chatMessage{Text: "hello", Count: 3}, false},
	{"unknown field", `{"unknown":1,"text":"a"}`, chatMessage{Text: "a"}, false},
	{"field in another case", `{"TEXT":"a"}`, chatMessage{Text: "a"}, false},
	{"interface{} field", `{"any":{"a":[1,"b",null]}}`,
		chatMessage{Any: map[string]any{"a": []any{1.0, "b", nil}}}, false},
	{"map", `{"map":{"a":1}}`, chatMessage{Map: map[string]int{"a": 1}}, false},
	{"nested", `{"next":{"next":{"count":1}}}`,
		chatMessage{Next: &chatMessage{Next: &chatMessage{Count: 1}}}, false},
	{"blanks around", " \r\n\t{ } \n", chatMessage{}, false},
	{"null", `null`, chatMessage{}, false},
	{"empty object", `{}`, chatMessage{}, false},

	{"nothing", ``, chatMessage{}, true},
	{"blanks", `  `, chatMessage{}, true},
	{"half", `{"text":"hel`, chatMessage{}, true},
	{"a second value", `{"text":"a"}{"text":"b"}`, chatMessage{}, true},
	{"trailing comma", `{"text":"a"},`, chatMessage{}, true},
	{"trailing letter", `{}x`, chatMessage{}, true},
	{"trailing zero byte", "{}\x00", chatMessage{}, true},
	{"wrong type", `{"text":1}`, chatMessage{}, true},
	{"number too large", `{"count":1e999}`, chatMessage{}, true},
	{"array", `[]`, chatMessage{}, true},
	{"markup", `{"text":"<b>&"}`, chatMessage{Text: "<b>&"}, false},
	{"byte order mark", "\ufeff{}", chatMessage{}, true},
	{"too deep", strings.Repeat(`{"next":`, 20_000), chatMessage{}, true},
	{"too deep for any", `{"any":` + strings.Repeat(`[`, 20_000), chatMessage{}, true},
}

// Contract 2.1, 4.2: a message is one JSON value with nothing after it.
func TestJSONDecode(t *testing.T) {
	for _, test := range decoding {
		t.Run(test.name, func(t *testing.T) {
			p, err := newJSONKind(chatMessage{}).decode([]byte(test.data), false)

			if (err != nil) != test.err {
				t.Fatalf("decode(%.50q) = %v, want an error: %v", test.data, err,
					test.err)
			}
			if got := (*chatMessage)(p); !test.err &&
				!reflect.DeepEqual(*got, test.want) {
				t.Errorf("decode(%.50q) = %+v, want %+v", test.data, got, test.want)
			}
		})
	}
}

// These and other frames, decoded into other types.
func TestJSONDecodeOtherTypes(t *testing.T) {
	for _, test := range []struct {
		v    any
		data string
		want string // the value in Go's syntax
	}{
		{map[string]any{}, `{"a":1}`, `map[string]interface {}{"a":1}`},
		{map[string]any{}, `null`, `map[string]interface {}(nil)`},
		{new(any), `[1,{"a":null}]`,
			`[]interface {}{1, map[string]interface {}{"a":interface {}(nil)}}`},
		{new(any), `null`, `<nil>`},
		{[]int{9, 9}, `[1]`, `[]int{1}`},
		{"", `"a"`, `"a"`},
		{0, `3`, `3`},
		{struct{}{}, `{"a":1}`, `struct {}{}`},
		{json.RawMessage{}, ` {"a" : 1}`,
			`json.RawMessage{0x7b, 0x22, 0x61, 0x22, 0x20, 0x3a, 0x20, 0x31, 0x7d}`},
	} {
		k := newJSONKind(test.v)
		p, err := k.decode([]byte(test.data), false)
		if err != nil {
			t.Errorf("decode(%s) into %T = %v", test.data, test.v, err)
			continue
		}
		if got := fmt.Sprintf("%#v",
			reflect.NewAt(k.element, p).Elem().Interface()); got != test.want {
			t.Errorf("decode(%s) into %T = %s, want %s", test.data, test.v, got,
				test.want)
		}
	}
}

// Contract 2.1: a message goes out as json.Marshal makes it, without an
// Encoder's line end. A nil message is null.
func TestJSONEncode(t *testing.T) {
	k := newJSONKind(chatMessage{})
	for _, test := range []struct {
		m    *chatMessage
		want string
	}{
		{&chatMessage{Text: "hello\n", Any: []any{1, "a", nil}},
			`{"text":"hello\n","any":[1,"a",null]}`},
		{&chatMessage{}, `{}`},
		{nil, `null`},
		{&chatMessage{Text: "<b>&"}, `{"text":"<b>&"}`},
	} {
		got, err := encoded(k, unsafe.Pointer(test.m))
		if err != nil || string(got) != test.want {
			t.Errorf("encode(%+v) = %s, %v, want %s", test.m, got, err, test.want)
		}
	}
}

// Contract 4.2: a value that cannot be encoded gives an error and does not
// damage the next message.
func TestJSONEncodeErrors(t *testing.T) {
	k := newJSONKind(chatMessage{})
	cycle := &chatMessage{}
	cycle.Next = cycle
	for _, m := range []*chatMessage{{Any: make(chan int)}, {Any: func() {}},
		{Text: "long enough to be in the buffer", Any: map[float64]int{}}, cycle} {
		if got, err := encoded(k, unsafe.Pointer(m)); err == nil {
			t.Errorf("encode(%T) = %s, nil, want an error", m.Any, got)
		}
		if got, err := encoded(k, unsafe.Pointer(&chatMessage{Count: 1})); err != nil ||
			string(got) != `{"count":1}` {
			t.Errorf("encode of the next message = %s, %v, want it alone", got, err)
		}
	}
}

// FuzzJSON checks that decoding any data does the same as json.Unmarshal, and
// that the decoded message can be sent.
func FuzzJSON(f *testing.F) {
	for _, row := range decoding {
		if len(row.data) < 1000 {
			f.Add([]byte(row.data))
		}
	}
	kinds := []jsonKind{newJSONKind(chatMessage{}), newJSONKind(new(any)),
		newJSONKind(map[string]json.Number{})}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, k := range kinds {
			want := reflect.New(k.element)
			wantErr := json.Unmarshal(data, want.Interface())

			p, err := k.decode(bytes.Clone(data), false)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("decode(%q) into %v = %v, want %v", data, k.element, err,
					wantErr)
			}
			if err != nil {
				continue
			}
			if got := reflect.NewAt(k.element, p); !reflect.DeepEqual(got.Interface(),
				want.Interface()) {
				t.Errorf("decode(%q) = %+v, want %+v", data, got.Elem(), want.Elem())
			}
			sent, err := encoded(k, p)
			if want := withoutHTML(want.Interface()); err != nil || string(sent) != want {
				t.Errorf("encode of %q = %q, %v, want %q", data, sent, err, want)
			}
			if _, err := k.decode(sent, false); err != nil {
				t.Errorf("decode(%q), which was encoded, = %v", sent, err)
			}
			if _, err := k.decode(append(bytes.Clone(data), '0'), false); err == nil &&
				!trailing(data) {
				t.Errorf("decode(%q) with data behind the value = nil, want an error",
					data)
			}
		}
	})
}

// withoutHTML returns v as json.Marshal makes it, but with < > and & as they are.
func withoutHTML(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n")
}

// trailing reports whether a digit after data could belong to its value.
func trailing(data []byte) bool {
	return len(data) > 0 && strings.ContainsRune("0123456789", rune(data[len(data)-1]))
}

// encoded returns the payload of one message.
func encoded(k jsonKind, m unsafe.Pointer) (payload []byte, err error) {
	err = k.encoder(func(p []byte) error {
		payload = bytes.Clone(p)
		return nil
	})(m)
	return payload, err
}
