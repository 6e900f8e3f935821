package codec

import (
	"encoding"
	"encoding/json"
	"reflect"
)

var (
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
)

// lostInJSON returns why JSON cannot carry a value of type t to another process, or an
// empty string if it can.
func lostInJSON(t reflect.Type) string {
	if t.Implements(jsonMarshaler) || t.Implements(textMarshaler) {
		return ""
	}
	switch t.Kind() {
	case reflect.Pointer:
		return lostInJSON(t.Elem())
	case reflect.Interface:
		return "does not say which type to decode"
	case reflect.Chan, reflect.Func, reflect.UnsafePointer,
		reflect.Complex64, reflect.Complex128:
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
		return "" // an empty struct has nothing to lose
	}
	return "has no exported field, so that its JSON is empty"
}
