package rooms

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// lengthOf returns how to measure an M in bytes, or nil where it has no length. Comparing the type of the function
// decides this once, so that measuring a message costs neither reflection nor an allocation.
func lengthOf[M any]() func(M) int {
	var length func(M) int
	switch f := any(&length).(type) {
	case *func(string) int:
		*f = func(m string) int { return len(m) }
	case *func([]byte) int:
		*f = func(m []byte) int { return len(m) }
	}
	return length
}

// codec fills in what was not given. It panics where the default would lose the message: that is a mistake of the
// programmer, and would show only as empty messages on other machines.
func codec[M any](encode func(M) ([]byte, error), decode func([]byte) (M, error)) (func(M) ([]byte, error), func([]byte) (M, error)) {
	if encode == nil || decode == nil {
		if reason := lostInJSON(reflect.TypeFor[M]()); reason != "" {
			panic(fmt.Sprintf("rooms: Options.Encode, Options.Decode nil: %v %s: give both, or no Broker", reflect.TypeFor[M](), reason))
		}
	}
	defaultEncode, defaultDecode := defaultCodec[M]()
	if encode == nil {
		encode = defaultEncode
	}
	if decode == nil {
		decode = defaultDecode
	}
	return encode, decode
}

func defaultCodec[M any]() (encode func(M) ([]byte, error), decode func([]byte) (M, error)) {
	encode = func(m M) ([]byte, error) { return json.Marshal(m) }
	decode = decodeJSON[M]
	switch e := any(&encode).(type) {
	case *func(string) ([]byte, error):
		*e = func(m string) ([]byte, error) { return []byte(m), nil }
	case *func([]byte) ([]byte, error):
		*e = func(m []byte) ([]byte, error) { return m, nil }
	}
	switch d := any(&decode).(type) {
	case *func([]byte) (string, error):
		*d = func(b []byte) (string, error) { return string(b), nil }
	case *func([]byte) ([]byte, error):
		*d = func(b []byte) ([]byte, error) { return b, nil }
	}
	return encode, decode
}

func decodeJSON[M any](data []byte) (M, error) {
	var m M
	// null would become a nil message, which no member should have to expect.
	if string(bytes.TrimSpace(data)) == "null" {
		return m, errors.New("null is not a message")
	}
	err := json.Unmarshal(data, &m)
	return m, err
}

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// lostInJSON says why JSON would not carry a t to another process and back, or nothing if it does.
func lostInJSON(t reflect.Type) string {
	if t.Implements(jsonMarshaler) || t.Implements(textMarshaler) {
		return ""
	}
	switch t.Kind() {
	case reflect.Pointer:
		return lostInJSON(t.Elem())
	case reflect.Interface:
		return "does not say which type to decode"
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64, reflect.Complex128:
		return "cannot be JSON"
	case reflect.Struct:
		return lostFields(t)
	}
	return ""
}

func lostFields(t reflect.Type) string {
	for i := range t.NumField() {
		if f := t.Field(i); f.IsExported() || f.Anonymous {
			return ""
		}
	}
	if t.NumField() == 0 {
		return "" // an empty struct is all there is to it
	}
	return "has no exported field, so that its JSON is empty"
}
