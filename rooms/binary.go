package rooms

import (
	"encoding"
	"reflect"
)

// Types may say themselves how long they are and how they become bytes. So rooms carry
// messages that were encoded once for all members, without knowing their type.
var (
	lener             = reflect.TypeFor[interface{ Len() int }]()
	binaryMarshaler   = reflect.TypeFor[encoding.BinaryMarshaler]()
	binaryUnmarshaler = reflect.TypeFor[encoding.BinaryUnmarshaler]()
)

// lengthOf returns how to measure an M in bytes, or nil if it has no length. Comparing
// the type of the function decides this once, so that measuring a string or a byte slice
// costs neither reflection nor an allocation.
func lengthOf[M any]() func(M) int {
	var length func(M) int
	switch f := any(&length).(type) {
	case *func(string) int:
		*f = func(m string) int { return len(m) }
	case *func([]byte) int:
		*f = func(m []byte) int { return len(m) }
	default:
		if reflect.TypeFor[M]().Implements(lener) {
			return lengthByMethod[M]
		}
	}
	return length
}

// lengthByMethod measures nil as nothing: it need not be a mistake, and a broadcast must
// not panic.
func lengthByMethod[M any](m M) int {
	if isNil(m) {
		return 0
	}
	return any(m).(interface{ Len() int }).Len()
}

// isBinary reports whether an M can become bytes and back by its own methods, those on
// the pointer for decoding.
func isBinary[M any]() bool {
	t := reflect.TypeFor[M]()
	if t.Kind() == reflect.Interface || !t.Implements(binaryMarshaler) {
		return false
	}
	return t.Kind() == reflect.Pointer && t.Implements(binaryUnmarshaler) ||
		reflect.PointerTo(t).Implements(binaryUnmarshaler)
}

func encodeBinary[M any](m M) ([]byte, error) {
	if isNil(m) {
		return nil, errNil
	}
	return any(m).(encoding.BinaryMarshaler).MarshalBinary()
}

// decodeBinary returns how to decode an M: a new T where M is *T, as UnmarshalBinary
// could not fill in a nil pointer.
func decodeBinary[M any]() func([]byte) (M, error) {
	t := reflect.TypeFor[M]()
	if t.Kind() != reflect.Pointer {
		return func(data []byte) (m M, err error) {
			err = any(&m).(encoding.BinaryUnmarshaler).UnmarshalBinary(data)
			return m, err
		}
	}
	return func(data []byte) (M, error) {
		m := reflect.New(t.Elem()).Interface()
		return m.(M), m.(encoding.BinaryUnmarshaler).UnmarshalBinary(data)
	}
}

// isNil reports whether a message is a nil pointer or a nil interface: its methods need
// not expect that. Of a nil map or slice they do.
func isNil(m any) bool {
	v := reflect.ValueOf(m)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}
