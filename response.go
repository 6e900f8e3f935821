package sockets

import (
	"bufio"
	"net"
	"net/http"
	"reflect"
	"sync"
)

// droppedResponse takes what is written, and drops it.
type droppedResponse struct{ header http.Header }

func (d *droppedResponse) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}

func (*droppedResponse) Write(p []byte) (int, error) { return len(p), nil }
func (*droppedResponse) WriteHeader(int)             {}
func (*droppedResponse) Flush()                      {}
func (*droppedResponse) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return nil, nil, http.ErrHijacked
}

// writerField is where a Martini context keeps the ResponseWriter that it asks
// whether anything was written: the field rw of the struct that ctx points to,
// or that one embeds in the field Context, as the context of a route does. It
// is nil where there is no such field of type T.
//
// Both are unexported, hence reflection and unsafe. What middleware maps in the
// place of the writer, under whatever name it keeps the original, ends there;
// the writer of the last middleware would be the wrong one to change.
func writerField[T any](ctx any) *T {
	v := reflect.ValueOf(ctx)
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
		if v.Kind() != reflect.Struct || !v.CanAddr() {
			continue
		}
		if f, ok := writers.in(v); ok && f.Type() == reflect.TypeFor[T]() {
			return (*T)(f.Addr().UnsafePointer())
		}
		v, _ = contexts.in(v)
	}
	return nil
}

// field finds a field by its name. It remembers where, by the type of the
// struct, because looking for it costs several allocations.
type field struct {
	name  string
	known sync.Map // of []int by reflect.Type; nil: it has none
}

var (
	writers  = &field{name: "rw"}
	contexts = &field{name: "Context"}
	embedded = &field{name: "ResponseWriter"}
)

// in is the field of a struct; it is not ok where there is none, or a nil
// pointer before it.
func (f *field) in(v reflect.Value) (_ reflect.Value, ok bool) {
	index, known := f.known.Load(v.Type())
	if !known {
		found, _ := v.Type().FieldByName(f.name)
		index = found.Index
		f.known.Store(v.Type(), index)
	}
	if len(index.([]int)) == 0 {
		return reflect.Value{}, false
	}
	found, err := v.FieldByIndexErr(index.([]int))
	return found, err == nil
}

// writeTo makes the ResponseWriter w, or one of the same package that w itself writes
// to, as a router within a router has, write to end from now on: the last of them.
// What w embeds is exported, its type is not. It reports false where w embeds none.
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

// embeddedWriter is the ResponseWriter that a struct embeds.
func embeddedWriter(v reflect.Value) (_ reflect.Value, ok bool) {
	if v.Kind() != reflect.Struct {
		return v, false
	}
	f, ok := embedded.in(v)
	return f, ok && f.CanInterface() && f.Kind() == reflect.Interface
}
