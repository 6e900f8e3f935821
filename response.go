package sockets

import (
	"bufio"
	"net"
	"net/http"
	"reflect"
	"sync"
)

// droppedResponse discards what is written to it.
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

// writerField returns a pointer to the ResponseWriter that a Martini context
// checks for writes. It is the field rw of the struct that ctx points to, or of
// the struct embedded there as Context (a route's context has one). writerField
// returns nil if there is no such field of type T.
//
// Both fields are unexported, so this needs reflection and unsafe. Middleware
// may map other writers, but all of them end at this one. So this is the one to
// change.
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

// field finds a field by its name. It remembers its index for each type of
// struct, because the search costs several allocations.
type field struct {
	name  string
	known sync.Map // []int by reflect.Type; nil if the type has no such field
}

var (
	writers  = &field{name: "rw"}
	contexts = &field{name: "Context"}
	embedded = &field{name: "ResponseWriter"}
)

// in returns the field of the struct v. ok is false if v has no such field, or
// has a nil pointer on the way to it.
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

// writeTo makes a ResponseWriter write to end from now on. A router inside a
// router wraps one of Martini's writers in another; writeTo changes the
// innermost writer that has the same package as w. The embedded field is
// exported, its struct is not. writeTo returns false if there is no such writer.
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

// embeddedWriter returns the ResponseWriter that the struct v embeds.
func embeddedWriter(v reflect.Value) (_ reflect.Value, ok bool) {
	if v.Kind() != reflect.Struct {
		return v, false
	}
	f, ok := embedded.in(v)
	return f, ok && f.CanInterface() && f.Kind() == reflect.Interface
}
