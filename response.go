package sockets

import (
	"bufio"
	"net"
	"net/http"
	"reflect"
	"sync"

	"github.com/go-martini/martini"
)

// endChain keeps Martini from running later handlers. Martini runs the next
// handler unless something was written, and middleware that buffers the
// response has written nothing yet.
func endChain(ctx martini.Context) {
	if ctx.Written() {
		return
	}
	if rw := writerField(ctx); rw != nil {
		*rw = writtenResponse{*rw}
	}
}

// writtenResponse claims that something was written.
type writtenResponse struct{ martini.ResponseWriter }

func (writtenResponse) Written() bool { return true }

// dropResponse makes ctx discard everything written after the upgrade: a handler's
// return values, Recovery's page, what middleware has buffered. Otherwise net/http
// would log each of these writes, because the connection is hijacked.
//
// Martini's own writer stays in place, because it notices writes. A handler that
// writes must still end the chain: otherwise authentication that runs after the
// upgrade would let everyone pass.
func dropResponse(ctx martini.Context) {
	dropped := new(droppedResponse)
	rw := writerField(ctx)
	if rw == nil || !writeTo(*rw, dropped) {
		ctx.MapTo(dropped, (*http.ResponseWriter)(nil))
	}
}

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
// returns nil if there is no such field.
//
// Both fields are unexported, so this needs reflection and unsafe. Middleware
// may map other writers, but all of them end at this one. So this is the one to
// change.
func writerField(ctx martini.Context) *martini.ResponseWriter {
	v := reflect.ValueOf(ctx)
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		v = v.Elem()
		if v.Kind() != reflect.Struct || !v.CanAddr() {
			continue
		}
		if f, ok := writers.in(v); ok && f.Type() == responseWriter {
			return (*martini.ResponseWriter)(f.Addr().UnsafePointer())
		}
		v, _ = contexts.in(v)
	}
	return nil
}

// isLast reports whether no handler follows in the chain of a route. A route's context is
// a struct with the fields index and handlers, and the Context of its Martini.
func isLast(ctx martini.Context) bool {
	v := reflect.Indirect(reflect.ValueOf(ctx))
	if v.Kind() != reflect.Struct {
		return false
	}
	_, route := contexts.in(v)
	index, hasIndex := indexes.in(v)
	handlers, hasHandlers := chains.in(v)
	return route && hasIndex && hasHandlers && index.CanInt() &&
		handlers.Kind() == reflect.Slice && int(index.Int()) == handlers.Len()-1
}

var responseWriter = reflect.TypeFor[martini.ResponseWriter]()

// field finds a field by its name. It remembers its index for each type of
// struct, because the search costs several allocations.
type field struct {
	name  string
	known sync.Map // []int by reflect.Type; nil if the type has no such field
}

var (
	indexes  = &field{name: "index"}
	chains   = &field{name: "handlers"}
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

// hijack calls the Hijack of w, or of the outermost writer inside it that can do it. A
// ResponseController finds one inside writers that have Unwrap. Martini's own writer has
// no Unwrap, and its Hijack only asks the writer that it wraps.
func hijack(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	for reason := err; err != nil; conn, rw, err = http.NewResponseController(w).Hijack() {
		if w = inside(w); w == nil {
			return nil, nil, reason
		}
	}
	return conn, rw, nil
}

// inside returns the writer inside w, or nil.
func inside(w http.ResponseWriter) http.ResponseWriter {
	if u, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		return u.Unwrap()
	}
	v := reflect.Indirect(reflect.ValueOf(w))
	if v.Type().PkgPath() != responseWriter.PkgPath() {
		return nil
	}
	if f, ok := embeddedWriter(v); ok {
		inner, _ := f.Interface().(http.ResponseWriter)
		return inner
	}
	return nil
}
