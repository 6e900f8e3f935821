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

// dropBelow has the ResponseWriter of the router, which is declared in package router and is w or embedded in it, write to dropped
// from now on. It reports false where there is none. Of several in one another it is the outermost one.
//
// The router's own writer has to stay, because it notices writes: a handler that writes is the last of a chain, and basic
// authentication behind the upgrade would else let everyone pass. What it embeds is exported, its type is not; hence reflection.
func dropBelow(w http.ResponseWriter, router string, dropped droppedResponse) (found bool) {
	var below reflect.Value
	for {
		v := reflect.Indirect(reflect.ValueOf(w))
		embedded, ok := embeddedWriter(v)
		if !ok {
			break
		}
		if v.Type().PkgPath() == router && embedded.CanSet() {
			below = embedded
		}
		if w, ok = embedded.Interface().(http.ResponseWriter); !ok {
			break
		}
	}
	if below.IsValid() {
		below.Set(reflect.ValueOf(dropped))
	}
	return below.IsValid()
}

// embeddedWriter is the field ResponseWriter of a struct that wraps one.
func embeddedWriter(v reflect.Value) (reflect.Value, bool) {
	if v.Kind() != reflect.Struct {
		return v, false
	}
	field, ok := v.Type().FieldByName("ResponseWriter")
	if !ok {
		return v, false
	}
	embedded, err := v.FieldByIndexErr(field.Index)
	return embedded, err == nil && embedded.CanInterface()
}
