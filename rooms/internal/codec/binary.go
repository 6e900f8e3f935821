package codec

import (
	"encoding"
	"reflect"
)

// A type may have methods for its length and for its bytes. With these, rooms carry
// messages such as *sockets.Prepared without importing their package.
var (
	lener             = reflect.TypeFor[interface{ Len() int }]()
	binaryMarshaler   = reflect.TypeFor[encoding.BinaryMarshaler]()
	binaryUnmarshaler = reflect.TypeFor[encoding.BinaryUnmarshaler]()
)

// Length returns a function that measures an M in bytes, or nil if an M has no length.
// The type switch on the function happens once, so that measuring a string or a byte
// slice costs neither reflection nor an allocation.
func Length[M any]() func(M) int {
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

// lengthByMethod returns 0 for nil: nil need not be a mistake, and a broadcast must not
// panic.
func lengthByMethod[M any](m M) int {
	if IsNil(m) {
		return 0
	}
	return any(m).(interface{ Len() int }).Len()
}

// isBinary reports whether M has methods to become bytes and to be decoded from them. The
// decoding method is on the pointer.
func isBinary[M any]() bool {
	t := reflect.TypeFor[M]()
	if t.Kind() == reflect.Interface || !t.Implements(binaryMarshaler) {
		return false
	}
	return t.Kind() == reflect.Pointer && t.Implements(binaryUnmarshaler) ||
		reflect.PointerTo(t).Implements(binaryUnmarshaler)
}

func encodeBinary[M any](m M) ([]byte, error) {
	if IsNil(m) {
		return nil, ErrNil
	}
	return any(m).(encoding.BinaryMarshaler).MarshalBinary()
}

// decodeBinary returns a function that decodes an M. If M is *T, it makes a new T,
// because UnmarshalBinary cannot fill in a nil pointer.
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

// IsNil reports whether m is a nil pointer or a nil interface, whose methods may panic. A
// nil map or slice is a proper value of its type.
func IsNil(m any) bool {
	v := reflect.ValueOf(m)
	return !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
}
