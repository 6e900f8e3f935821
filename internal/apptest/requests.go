package apptest

import (
	"net/http"
	"net/http/httptest"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// Handshake returns a correct opening handshake for /ws, as changed.
func Handshake(change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest("GET", "/ws", nil)
	r.Header = wstest.Fields("example.com")
	for _, f := range change {
		f(r)
	}
	return r
}

// Header returns a change that sets a header, or removes it if there are no
// values.
func Header(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header[name] = values
		if len(values) == 0 {
			delete(r.Header, name)
		}
	}
}
