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

// writeTo makes the ResponseWriter w, or one of the same package that w itself writes to, as a
// router within a router has, write to end from now on: the last of them. What w embeds is
// exported, its type is not. It reports false where w embeds none.
func writeTo(w any, end http.ResponseWriter) bool {
	var last reflect.Value
	pkg := reflect.Indirect(reflect.ValueOf(w)).Type().PkgPath()
	for w != nil {
		v := reflect.Indirect(reflect.ValueOf(w))
		if f, ok := embeddedWriter(v); ok {
			if v.Type().PkgPath() == pkg && f.CanSet() {
				last = f
			}
			w = f.Interface()
			continue
		}
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			break
		}
		w = u.Unwrap()
	}
	if last.IsValid() {
		last.Set(reflect.ValueOf(end))
	}
	return last.IsValid()
}

// embeddedWriter is the field ResponseWriter of a struct that wraps one.
func embeddedWriter(v reflect.Value) (_ reflect.Value, ok bool) {
	if v.Kind() != reflect.Struct {
		return v, false
	}
	field, ok := v.Type().FieldByName("ResponseWriter")
	if !ok {
		return v, false
	}
	f, err := v.FieldByIndexErr(field.Index)
	return f, err == nil && f.CanInterface() && f.Kind() == reflect.Interface
}
