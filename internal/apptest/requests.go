package apptest

import (
	"net/http"
	"net/http/httptest"
)

// Handshake returns a correct opening handshake for /ws, as changed.
func Handshake(change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest("GET", "/ws", nil)
	r.Header = http.Header{
		"Origin":                {"http://example.com"},
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key":     {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
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
