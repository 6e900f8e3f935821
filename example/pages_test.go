package main

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	sockets "github.com/beatrichartz/martini-sockets"
)

func get(t *testing.T, target, host string) *http.Response {
	t.Helper()
	chat := newChat(nil, nil, Times{Beat: time.Hour, Keep: time.Hour})
	t.Cleanup(chat.Close)
	r := httptest.NewRequest("GET", target, nil)
	r.Host = host
	w := httptest.NewRecorder()
	handler(chat, new(sockets.Group)).ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, resp *http.Response) string {
	t.Helper()
	var b strings.Builder
	if err := resp.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPages(t *testing.T) {
	for _, tt := range []struct {
		target string
		status int
		has    string
	}{
		{"/", 200, "Choose a room"},
		{"/room?room=" + url.QueryEscape(`"><script>`), 200, `data-room="&#34;&gt;&lt;script&gt;"`},
		{"/room?room=a/b%23c", 200, `data-room="a/b#c"`},
		{"/room", 400, errRoomEmpty.Error()},
		{"/room?room=" + strings.Repeat("r", maxRoom+1), 400, errRoomLong.Error()},
		{"/assets/chat.js", 200, "import {Socket}"},
		{"/assets/chat.css", 200, "text/css"},
		{"/assets/icon.svg", 200, "image/svg+xml"},
		{"/assets/../main.go", 404, ""},
		{"/nowhere", 404, ""},
		{"/socket?room=r&name=n", 403, "no websocket handshake"},
	} {
		resp := get(t, tt.target, "chat.example")
		if all := body(t, resp); resp.StatusCode != tt.status || !strings.Contains(all, tt.has) {
			t.Errorf("GET %s = %d, want %d and %q in %s", tt.target, resp.StatusCode, tt.status, tt.has, all)
		}
		if resp.Header.Get("Content-Security-Policy") == "" {
			t.Errorf("GET %s has no policy", tt.target)
		}
	}
}

func TestPolicy(t *testing.T) {
	const before, after = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'", "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	for _, tt := range []struct{ host, sockets string }{
		{"chat.example", " ws://chat.example wss://chat.example"},
		{"localhost:3000", " ws://localhost:3000 wss://localhost:3000"},
		{"[::1]:3000", " ws://[::1]:3000 wss://[::1]:3000"},
		{"x;script-src*", ""},
		{"x,y", ""},
		{"", ""},
	} {
		if got, want := get(t, "/", tt.host).Header.Get("Content-Security-Policy"), before+tt.sockets+after; got != want {
			t.Errorf("host %q: policy = %q, want %q", tt.host, got, want)
		}
	}
}

var inline = regexp.MustCompile(`(?i)\son[a-z]+\s*=|\sstyle\s*=|<style|<script>|javascript:|https?:`)

func TestPagesHaveNothingInline(t *testing.T) {
	files, err := pageFiles.ReadDir("pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		page, err := pageFiles.ReadFile("pages/" + f.Name())
		if found := inline.Find(page); err != nil || found != nil {
			t.Errorf("%s has %q, %v", f.Name(), found, err)
		}
	}
}
