package codec

import (
	"errors"
	"reflect"
	"unicode/utf8"
)

// errNotUTF8 is the error for a text that no text message can carry (RFC 6455, 5.6).
var errNotUTF8 = errors.New("the text is not valid UTF-8")

// Size returns a function that measures an M in bytes, as a member's client gets it. Its
// error means that no member can be sent the message. It is nil if the size of an M is
// unknown.
//
// The type switch on the function happens once, so that measuring a string or a byte slice
// costs neither reflection nor an allocation.
func Size[M any]() func(M) (int, error) {
	var size func(M) (int, error)
	t := reflect.TypeFor[M]()
	switch f := any(&size).(type) {
	case *func(string) (int, error):
		*f = sizeOfText
	case *func([]byte) (int, error):
		*f = func(m []byte) (int, error) { return len(m), nil }
	default:
		switch {
		case t.Implements(lener) && isBinary[M]():
			size = sizeByMethod[M]
		case lostInJSON(t) == "":
			size = sizeOfJSON[M]
		}
	}
	return size
}

func sizeOfText(m string) (int, error) {
	if !utf8.ValidString(m) {
		return 0, errNotUTF8
	}
	return len(m), nil
}

// sizeByMethod asks an empty message for its bytes as well: its type may refuse a value
// that was never filled in.
func sizeByMethod[M any](m M) (int, error) {
	size := lengthByMethod(m)
	if size > 0 {
		return size, nil
	}
	_, err := encodeBinary(m)
	return 0, err
}

// IsJSON reports whether Default and Size both take the JSON of an M.
func IsJSON[M any]() bool {
	return Length[M]() == nil && !isBinary[M]() && lostInJSON(reflect.TypeFor[M]()) == ""
}
