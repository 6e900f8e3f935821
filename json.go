package sockets

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
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

// newJSONKind is jsonKindOf the type of v, or the type v points to.
func newJSONKind(v any) jsonKind {
	t := reflect.TypeOf(v)
	if t == nil {
		misuse("JSON", v, "give a value of the messages' type, or a pointer to one")
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return jsonKindOf(t)
}

// jsonKindOf panics if encoding/json cannot fill a value of type t.
func jsonKindOf(t reflect.Type) jsonKind {
	if mistake := unfillable(t); mistake != "" {
		misuse("JSON", t, "encoding/json cannot fill "+mistake)
	}
	p := reflect.PointerTo(t)
	return jsonKind{
		element:  t,
		channel:  reflect.ChanOf(reflect.BothDir, p),
		receiver: reflect.ChanOf(reflect.RecvDir, p),
		sender:   reflect.ChanOf(reflect.SendDir, p),
	}
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

// newEncoder returns an encoder for messages. They are no HTML, so it does not escape <,
// which would take six bytes.
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
