// Package codec turns messages into bytes for other processes and back, and measures them.
package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"unicode/utf8"
)

// ErrNil is the error for a nil message: no member should have to expect one.
var ErrNil = errors.New("nil is not a message")

// Fill returns both functions, with the default for one that is nil, as
// rooms.Options.Encode describes it. It panics if the default would lose an M: otherwise
// that mistake would show only as empty messages on other machines.
func Fill[M any](
	encode func(M) ([]byte, error), decode func([]byte) (M, error),
) (func(M) ([]byte, error), func([]byte) (M, error)) {
	if encode != nil && decode != nil {
		return encode, decode
	}
	defaultEncode, defaultDecode, reason := byDefault[M]()
	if reason != "" {
		panic(fmt.Sprintf("rooms: Options.Encode, Options.Decode nil: %v %s: "+
			"give both, or no Broker", reflect.TypeFor[M](), reason))
	}
	if encode == nil {
		encode = defaultEncode
	}
	if decode == nil {
		decode = defaultDecode
	}
	return encode, decode
}

// byDefault returns the default functions for M. If reason is not empty, it says why JSON
// cannot carry an M.
func byDefault[M any]() (
	encode func(M) ([]byte, error), decode func([]byte) (M, error), reason string,
) {
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
	switch {
	case encode != nil:
		return encode, decode, ""
	case isBinary[M]():
		return encodeBinary[M], decodeBinary[M](), ""
	}
	return encodeJSON[M], decodeJSON[M], lostInJSON(reflect.TypeFor[M]())
}

// IsPlain reports whether the default and Size call no methods of an M.
func IsPlain[M any]() bool {
	switch any(*new(M)).(type) {
	case string, []byte:
		return true
	}
	return false
}

func encodeJSON[M any](m M) (data []byte, err error) {
	err = withJSON(m, func(buffered []byte) { data = bytes.Clone(buffered) })
	return data, err
}

func sizeOfJSON[M any](m M) (size int, err error) {
	err = withJSON(m, func(buffered []byte) { size = len(buffered) })
	return size, err
}

// withJSON calls use with the JSON of m, as a member's client gets it: without escapes for
// HTML. Use must not keep it.
func withJSON[M any](m M, use func([]byte)) error {
	b := jsonBuffers.Get().(*jsonBuffer)
	if err := b.encoder.Encode(m); err != nil { // or a panic: then b is garbage
		return err
	}
	data := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	switch {
	case string(data) == "null":
		return ErrNil
	case !utf8.Valid(data): // as a MarshalJSON may make it
		return errNotUTF8
	}
	use(data)
	if b.Cap() <= maxPooled {
		b.Reset()
		jsonBuffers.Put(b)
	}
	return nil
}

// jsonBuffer is an encoder that writes to a buffer, for one message after the other.
type jsonBuffer struct {
	bytes.Buffer
	encoder *json.Encoder
}

var jsonBuffers = sync.Pool{New: func() any {
	b := new(jsonBuffer)
	b.encoder = json.NewEncoder(&b.Buffer)
	b.encoder.SetEscapeHTML(false)
	return b
}}

// maxPooled is the largest buffer that is kept for another message.
const maxPooled = 64 << 10

func decodeJSON[M any](data []byte) (M, error) {
	var m M
	if string(bytes.TrimSpace(data)) == "null" {
		return m, ErrNil
	}
	err := json.Unmarshal(data, &m)
	return m, err
}
