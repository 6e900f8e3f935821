package apptest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/gorilla/websocket"
)

// odd is something that a user of a program does.
type odd struct {
	name       string
	key, value string // a parameter of the address, and what is in it
	kind       int    // the type of the frame, 0 for text
	data       []byte
}

// units fill a message. What most of them take in a message is not what they take in
// memory, nor in the message that the program makes of it.
var units = []string{"x", "<", "\u2028", "é", "🚀", `\"`, `\/`, `\u0000`, `\u2028`, `\ud800`,
	"\x7f", "\u202e"}

// values are what a field of a JSON message can have in place of what belongs there.
var values = []string{`null`, `""`, `" "`, `"neighbour"`, `"\r\nforged"`, `"\u0000"`, `-1`,
	`1e20`, `1e400`, `1e-400`, `123456789012345678901234567890`, `true`, `[]`, `{}`, `[null]`,
	`{"":null}`, `"9999-12-31T23:59:59.999999999Z"`, `"0000-01-01T00:00:00+23:59"`}

// wholes are messages that are no object with the fields that belong there.
var wholes = []string{``, ` `, `null`, `{}`, `[]`, `""`, `0`, `1e20`, `NaN`, `{"a":1} b`, `{`,
	`{"unknown":1}`, "\x00", "\r\nforged"}

// queries are values for a parameter of the address.
var queries = []string{"", " ", "neighbour", "\r\nforged", "\x00", "\xff", "\u202e", "../..",
	"*", ">", "a.b", strings.Repeat("x", 100_000), strings.Repeat("\xff", 30_000)}

// odds lists what users of a program do, beside what they should.
func (p Program) odds() (all []odd) {
	add := func(name, text string) { all = append(all, odd{name: name, data: []byte(text)}) }
	good := p.message("odd")
	all = append(all, odd{name: "another type", kind: websocket.BinaryMessage, data: good},
		odd{name: "a code and a reason", kind: websocket.CloseMessage,
			data: websocket.FormatCloseMessage(4000, "\r\nforged")})
	for _, whole := range wholes {
		add(whole, whole)
	}
	for _, size := range []int{p.Limit, p.Limit + 1} {
		add("deep", strings.Repeat("[", size))
		add("zeros", strings.Repeat("\x00", size))
		for _, unit := range units {
			add("long", fill("", unit, "", size))
		}
	}
	if p.Say != nil {
		p.oddFields(good, add)
	}
	return append(all, p.oddQueries()...)
}

// oddFields changes each field of a message, and adds one.
func (p Program) oddFields(good []byte, addOdd func(name, text string)) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(good, &fields); err != nil {
		panic(err)
	}
	keys := slices.Sorted(maps.Keys(fields))
	for _, key := range append(keys, "unknown") {
		begin := "{"
		for _, other := range keys {
			if other != key {
				begin += fmt.Sprintf("%q:%s,", other, fields[other])
			}
		}
		add := func(what, message string) { addOdd(key+" = "+what, message) }
		add("nothing", strings.TrimSuffix(begin, ",")+"}")
		begin += fmt.Sprintf("%q:", key)
		for _, value := range values {
			add(value, begin+value+"}")
		}
		for _, unit := range units {
			add("long", fill(begin+`"`, unit, `"}`, p.Limit))
		}
		add("two", begin+fmt.Sprintf("null,%q:null}", key))
		depth := min(9000, p.Limit/8)
		add("deep", begin+strings.Repeat(`{"a":`, depth)+`1`+strings.Repeat("}", depth+1))
		add("many", fill(begin+`[{}`, `,{}`, `]}`, p.Limit))
	}
}

// oddQueries changes each parameter of the address, with a message that should be.
func (p Program) oddQueries() (all []odd) {
	data := p.message(strings.Repeat("x", p.Limit/3))
	for key := range httptest.NewRequest("GET", p.Path("room", "odd"), nil).URL.Query() {
		for _, value := range queries {
			all = append(all, odd{name: key, key: key, value: value, data: data})
		}
	}
	return all
}

// path is where someone enters a room who does something odd.
func (o odd) path(good string) string {
	address := httptest.NewRequest("GET", good, nil).URL
	if query := address.Query(); o.key != "" {
		query.Set(o.key, o.value)
		address.RawQuery = query.Encode()
	}
	return address.String()
}

// fill makes a message of a size, or of a little less, out of units.
func fill(begin, unit, end string, size int) string {
	return begin + strings.Repeat(unit, (size-len(begin)-len(end))/len(unit)) + end
}
