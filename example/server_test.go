package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	pages().ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	for _, tt := range []struct {
		target string
		status int
		has    string
	}{
		{"/", 200, "Choose a room"},
		{"/room?room=garden", 301, "room/?room=garden"},
		{"/room/?room=garden", 200, `id="text"`},
		{"/room.js", 200, "import"},
		{"/base.css", 200, "color-scheme"},
		{"/icon.svg", 200, "<svg"},
		{"/server.go", 404, ""},
		{"/nowhere", 404, ""},
	} {
		w := get(tt.target)
		all := w.Body.String() + w.Header().Get("Location")
		if w.Code != tt.status || !strings.Contains(all, tt.has) {
			t.Errorf("GET %s = %d, want %d and %q in %s", tt.target, w.Code, tt.status, tt.has, all)
		}
		if got := w.Header().Get("Content-Security-Policy"); got != policy {
			t.Errorf("GET %s: policy = %q, want %q", tt.target, got, policy)
		}
		if tt.status != http.StatusOK {
			continue
		}
		for tag, want := range map[string]int{w.Header().Get("ETag"): 304, `"another"`: 200} {
			if got := get(tt.target, "If-None-Match", tag).Code; got != want {
				t.Errorf("GET %s with the tag %s = %d, want %d", tt.target, tag, got, want)
			}
		}
	}
}
