package sockets

import (
	"bytes"
	"encoding"
	"encoding/json"
	"io"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/gorilla/websocket"
)

// jsonKind is for values of a type T that is known only at run time. They
// travel as JSON in text frames, and as *T in the channels.
//
// The goroutines use a *T as an unsafe.Pointer and a chan *T as a chan
// unsafe.Pointer. Both have the same layout, and a channel stores its element type
// itself, so only the compiler's view changes. The alternative, reflect.Select, is
// slower and allocates for every message; CONTRIBUTING.md has the figures.
type jsonKind struct {
	element  reflect.Type // T
	channel  reflect.Type // chan *T
	receiver reflect.Type // <-chan *T
	sender   reflect.Type // chan<- *T
}

// newJSONKind panics if encoding/json cannot fill a value of v's type.
func newJSONKind(v any) jsonKind {
	t := reflect.TypeOf(v)
	if t == nil {
		misuse("JSON", v, "give a value of the messages' type, or a pointer to one")
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	mistake := fillable(t, map[reflect.Type]bool{})
	p := reflect.PointerTo(t)
	if t.Kind() == reflect.Struct && t.NumField() > 0 && isEmpty(t, nil) &&
		!methods(p) && !p.Implements(marshaler) && !p.Implements(textMarshaler) {
		mistake = "a struct without an exported field"
	}
	if mistake != "" {
		misuse("JSON", t, "encoding/json cannot fill "+mistake)
	}
	return jsonKind{
		element:  t,
		channel:  reflect.ChanOf(reflect.BothDir, p),
		receiver: reflect.ChanOf(reflect.RecvDir, p),
		sender:   reflect.ChanOf(reflect.SendDir, p),
	}
}

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	marshaler       = reflect.TypeFor[json.Marshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
)

// methods reports whether a type decodes itself.
func methods(t reflect.Type) bool {
	return t.Implements(unmarshaler) || t.Implements(textUnmarshaler)
}

// fillable returns an empty string if encoding/json can fill every part of a T, and
// otherwise names a part that it cannot. seen holds the types that are being looked at.
func fillable(t reflect.Type, seen map[reflect.Type]bool) (mistake string) {
	if seen[t] || methods(reflect.PointerTo(t)) {
		return ""
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64,
		reflect.Complex128:
		return "a value of type " + t.String()
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return "an interface with methods, " + t.String()
		}
	case reflect.Map:
		if !keyable(t.Key()) {
			return "a map with keys of type " + t.Key().String()
		}
		return fillable(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return fillable(t.Elem(), seen)
	case reflect.Struct:
		return fillableStruct(t, seen)
	}
	return ""
}

func fillableStruct(t reflect.Type, seen map[reflect.Type]bool) (mistake string) {
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case ignored(f, nil):
			continue
		case f.Anonymous && !f.IsExported() && f.Type.Kind() == reflect.Pointer:
			return "the embedded pointer " + t.String() + "." + f.Name +
				", because its type is not exported"
		}
		if mistake = fillable(f.Type, seen); mistake != "" {
			return mistake + ", in the field " + t.String() + "." + f.Name
		}
	}
	return ""
}

// ignored reports whether encoding/json passes over a field: one that it must not touch, or
// an embedded struct in which there is nothing to fill, such as a sync.Mutex.
func ignored(f reflect.StructField, outer []reflect.Type) bool {
	tag, _, more := strings.Cut(f.Tag.Get("json"), ",")
	if tag == "-" && !more {
		return true
	}
	if !f.Anonymous || tag != "" {
		return !f.IsExported()
	}
	t := f.Type
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Struct {
		return isEmpty(t, outer)
	}
	return !f.IsExported()
}

// isEmpty reports whether encoding/json finds nothing to fill in a struct. outer holds the
// structs that embed it.
func isEmpty(t reflect.Type, outer []reflect.Type) bool {
	if slices.Contains(outer, t) {
		return true
	}
	outer = append(outer, t)
	for i := range t.NumField() {
		if !ignored(t.Field(i), outer) {
			return false
		}
	}
	return true
}

// keyable reports whether encoding/json can fill a map with such keys.
func keyable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32,
		reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Uintptr:
		return true
	}
	return reflect.PointerTo(t).Implements(textUnmarshaler)
}

func (jsonKind) frameType() int { return websocket.TextMessage }

func (jsonKind) textOnly() bool { return true }

func (jsonKind) borrows() bool { return true }

func (k jsonKind) channels(receive, send int) pair[unsafe.Pointer] {
	receiver := reflect.MakeChan(k.channel, receive)
	sender := reflect.MakeChan(k.channel, send)
	return pair[unsafe.Pointer]{
		receiver: untyped(receiver),
		sender:   untyped(sender),
		injected: [2]any{receiver.Convert(k.receiver).Interface(),
			sender.Convert(k.sender).Interface()},
	}
}

// untyped returns the channel in v, a chan *T, as the goroutines use it.
func untyped(v reflect.Value) chan unsafe.Pointer {
	p := v.UnsafePointer()
	return *(*chan unsafe.Pointer)(unsafe.Pointer(&p))
}

// decode uses Unmarshal because it refuses data after the value. A json.Decoder
// would not.
func (k jsonKind) decode(data []byte, _ bool) (unsafe.Pointer, error) {
	v := reflect.New(k.element)
	if err := json.Unmarshal(data, v.Interface()); err != nil {
		return nil, err
	}
	return v.UnsafePointer(), nil
}

func (k jsonKind) encoder(send func([]byte) error) func(unsafe.Pointer) error {
	e := newEncoder(lineWriter(send))
	return func(m unsafe.Pointer) error {
		return e.Encode(reflect.NewAt(k.element, m).Interface())
	}
}

// newEncoder returns an encoder for what goes into a frame. That is no HTML, where < would
// take six bytes.
func newEncoder(w io.Writer) *json.Encoder {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e
}

// lineWriter passes on the lines of a json.Encoder. The encoder writes each
// value with one Write, from its own buffer.
type lineWriter func(payload []byte) error

// Write removes the line end, which would be one more byte in every message.
func (w lineWriter) Write(line []byte) (int, error) {
	return len(line), w(bytes.TrimSuffix(line, []byte("\n")))
}
