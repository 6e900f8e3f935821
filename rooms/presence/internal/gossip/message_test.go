package gossip

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"testing"
)

// examples has one message of each kind, with the limits of every number.
func examples() map[string]*Message {
	from := ID{1, 2, 3}
	most := uint64(math.MaxUint64)
	return map[string]*Message{
		"beat":  {From: from, Beat: &Beat{Seq: most, State: State{7, most}, Hello: true}},
		"asks":  {From: from, Asks: []Ask{{ID{4}, most, most}, {ID{5}, 1, 0}}},
		"none":  {From: from, Asks: []Ask{}},
		"bye":   {From: from, Bye: true},
		"empty": {From: from, List: &List{Nonces: []uint64{}, Removed: []uint64{}, Entries: []Entry{}}},
		"list": {From: from, List: &List{
			Nonces: []uint64{1, most}, Seq: 9, Base: most - 3, To: most, Now: State{most, 5}, Whole: true,
			Removed: []uint64{most, 0},
			Entries: []Entry{
				{Number: 1, Version: most - 2, Since: math.MinInt64, Room: "", Key: "", Value: []byte{}},
				{Number: 2, Version: most, Since: math.MaxInt64, Room: "\xff", Key: "部屋",
					Value: []byte("null")},
			},
		}},
	}
}

func TestEncodeAndParse(t *testing.T) {
	for name, want := range examples() {
		got, err := Parse(want.Encode())
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Parse = %+v, %v, want %+v", name, got, err, want)
		}
	}
}

// A message that is cut off anywhere, or has something appended, is refused.
func TestParseCutOff(t *testing.T) {
	for name, m := range examples() {
		data := m.Encode()
		for n := range data {
			if _, err := Parse(data[:n]); err == nil {
				t.Errorf("%s: Parse of %d bytes out of %d = no error, want one", name, n, len(data))
			}
		}
		if _, err := Parse(append(data, 0)); !errors.Is(err, errMalformed) {
			t.Errorf("%s: Parse with a byte more = %v, want %v", name, err, errMalformed)
		}
	}
}

// Contract 12.3: what another process says is checked.
func TestParseRefuses(t *testing.T) {
	head := func(kind byte) []byte { return append([]byte{magic, format, kind}, make([]byte, 16)...) }
	list := func(l List) []byte { return (&Message{List: &l}).Encode() }
	one := []Entry{{Number: 1, Version: 2}}
	tests := []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, errForeign},
		{"JSON", []byte(`{"history":[null]}`), errForeign},
		{"null", []byte("null"), errForeign},
		{"a message of rooms", append([]byte{1}, make([]byte, 20)...), errForeign},
		{"another version", []byte{magic, format + 1, kindBye}, errForeign},
		{"no kind", head(0), errForeign},
		{"another kind", head(9), errForeign},
		{"huge", make([]byte, MaxMessage+1), errTooLong},
		{"millions of asks", binary.AppendUvarint(head(kindAsks), 1<<40), errMalformed},
		{"millions of nonces", binary.AppendUvarint(head(kindList), math.MaxUint64), errMalformed},
		{"an endless number", append(head(kindBeat), bytes.Repeat([]byte{0xff}, 20)...), errMalformed},
		{"backwards", list(List{Base: 3, To: 2, Now: State{Version: 3}}), errContradiction},
		{"beyond itself", list(List{Base: 1, To: 3, Now: State{Version: 2}}), errContradiction},
		{"an entry from before", list(List{Base: 2, To: 3, Now: State{Version: 3}, Entries: one}),
			errContradiction},
		{"an entry from after", list(List{Base: 0, To: 1, Now: State{Version: 3}, Entries: one}),
			errContradiction},
		{"two with one version", list(List{To: 3, Now: State{Version: 3},
			Entries: []Entry{{Number: 1, Version: 2}, {Number: 2, Version: 2}}}), errContradiction},
		{"one twice", list(List{To: 3, Now: State{Version: 3},
			Entries: []Entry{{Number: 1, Version: 2}, {Number: 1, Version: 3}}}), errContradiction},
		{"here and gone", list(List{To: 3, Now: State{Version: 3}, Entries: one,
			Removed: []uint64{1}}), errContradiction},
		{"gone twice", list(List{To: 3, Now: State{Version: 3}, Removed: []uint64{1, 1}}),
			errContradiction},
	}
	for _, test := range tests {
		if _, err := Parse(test.data); !errors.Is(err, test.want) {
			t.Errorf("%s: Parse = %v, want %v", test.name, err, test.want)
		}
	}
}

// Everything that an entry says is in its hash.
func TestHash(t *testing.T) {
	base := Entry{Number: 1, Version: 2, Since: 3, Room: "r", Key: "k", Value: []byte("v")}
	others := map[string]func(*Entry){
		"number":  func(e *Entry) { e.Number++ },
		"version": func(e *Entry) { e.Version++ },
		"since":   func(e *Entry) { e.Since++ },
		"room":    func(e *Entry) { e.Room = "rk"; e.Key = "" },
		"key":     func(e *Entry) { e.Key = "kv"; e.Value = nil },
		"value":   func(e *Entry) { e.Value = []byte("w") },
	}
	for name, change := range others {
		other := base
		change(&other)
		if other.hash() == base.hash() {
			t.Errorf("another %s has the same hash, want another", name)
		}
	}
	decoded := base
	decoded.Decoded = 1
	if decoded.hash() != base.hash() {
		t.Error("what an entry was decoded to changes its hash, want it not to")
	}
}
