package main

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	get := func(target, tag string) *httptest.ResponseRecorder {
		r, w := httptest.NewRequest("GET", target, nil), httptest.NewRecorder()
		r.Header.Set("If-None-Match", tag)
		pages().ServeHTTP(w, r)
		return w
	}
	for _, tt := range []struct {
		target string
		status int
		has    string
	}{
		{"/", 200, "Choose a room"},
		{"/room?room=garden", 301, "room/?room=garden"},
		{"/room/?room=garden", 200, `id="text"`},
		{"/server.go", 404, ""},
	} {
		w := get(tt.target, `"another"`)
		all := w.Body.String() + w.Header().Get("Location")
		if w.Code != tt.status || !strings.Contains(all, tt.has) {
			t.Errorf("GET %s = %d, want %d and %q in %s", tt.target, w.Code, tt.status, tt.has, all)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != policy {
			t.Errorf("GET %s: policy = %q, want %q", tt.target, got, policy)
		}
		if again := get(tt.target, w.Header().Get("ETag")).Code; tt.status == 200 && again != 304 {
			t.Errorf("GET %s with its tag = %d, want 304", tt.target, again)
		}
	}
}
