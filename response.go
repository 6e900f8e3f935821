package sockets

import (
	"bufio"
	"net"
	"net/http"
	"reflect"
)

// droppedResponse takes what is written, and drops it.
type droppedResponse struct{ header http.Header }

func (d droppedResponse) Header() http.Header         { return d.header }
func (d droppedResponse) Write(p []byte) (int, error) { return len(p), nil }
func (d droppedResponse) WriteHeader(int)             {}
func (d droppedResponse) Flush()                      {}
func (d droppedResponse) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrHijacked
}

// writerField is where a Martini context keeps the ResponseWriter that it asks whether anything
// was written: the field rw of the struct that ctx points to, or that one embeds in the field
// Context, as the context of a route does. It is nil where there is no such field of type T.
//
// Both are unexported, hence reflection and unsafe. What middleware maps in the place of the
// writer, under whatever name it keeps the original, ends there; the writer of the last
// middleware would be the wrong one to change.
func writerField[T any](ctx any) *T {
	v := reflect.ValueOf(ctx)
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
		if v.Kind() != reflect.Struct || !v.CanAddr() {
			continue
		}
		if f := v.FieldByName("rw"); f.IsValid() && f.Type() == reflect.TypeFor[T]() {
			return (*T)(f.Addr().UnsafePointer())
		}
		v = v.FieldByName("Context")
	}
	return nil
}

// writeTo makes a ResponseWriter that embeds another one write to w from now on. It reports
// false where it embeds none.
func writeTo(outer any, w http.ResponseWriter) bool {
	v := reflect.Indirect(reflect.ValueOf(outer))
	if v.Kind() != reflect.Struct {
		return false
	}
	f := v.FieldByName("ResponseWriter")
	if !f.IsValid() || !f.CanSet() || f.Type() != reflect.TypeFor[http.ResponseWriter]() {
		return false
	}
	f.Set(reflect.ValueOf(w))
	return true
}
