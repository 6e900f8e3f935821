package rooms

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// errNil is why a nil message does not cross: no member should have to expect one.
var errNil = errors.New("nil is not a message")

// codec fills in what was not given. It panics where the default would lose the message:
// that is a mistake of the programmer, and would show only as empty messages on other
// machines.
func codec[M any](
	encode func(M) ([]byte, error), decode func([]byte) (M, error),
) (func(M) ([]byte, error), func([]byte) (M, error)) {
	if encode != nil && decode != nil {
		return encode, decode
	}
	defaultEncode, defaultDecode, reason := defaultCodec[M]()
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

// defaultCodec takes strings and byte slices as they are, asks types that know how to be
// bytes, and makes JSON of everything else. The reason says why M cannot be that.
func defaultCodec[M any]() (
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

func encodeJSON[M any](m M) ([]byte, error) {
	data, err := json.Marshal(m)
	if err == nil && string(data) == "null" {
		return nil, errNil
	}
	return data, err
}

func decodeJSON[M any](data []byte) (M, error) {
	var m M
	if string(bytes.TrimSpace(data)) == "null" {
		return m, errNil
	}
	err := json.Unmarshal(data, &m)
	return m, err
}
