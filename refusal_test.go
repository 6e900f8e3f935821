package sockets_test

import (
	"bufio"
	"bytes"
	"errors"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/go-martini/martini"
)

func method(m string) func(*http.Request) {
	return func(r *http.Request) { r.Method = m }
}

func protocol(major, minor int) func(*http.Request) {
	return func(r *http.Request) { r.ProtoMajor, r.ProtoMinor = major, minor }
}

type refusal struct {
	name   string
	change func(*http.Request)
	status int
	reason string
}

// refusals are requests that do not become connections, although their network
// could be hijacked.
var refusals = []refusal{
	{"HEAD", method("HEAD"), 405, "not GET"},
	{"POST", method("POST"), 405, "not GET"},
	{"PUT", method("PUT"), 405, "not GET"},
	{"DELETE", method("DELETE"), 405, "not GET"},
	{"OPTIONS", method("OPTIONS"), 405, "not GET"},
	{"CONNECT", method("CONNECT"), 405, "not GET"},
	{"lower case", method("get"), 405, "not GET"},
	{"invented", method("G\x1bET"), 405, "not GET"},
	{"POST of another origin",
		func(r *http.Request) {
			method("POST")(r)
			apptest.Header("Origin", "http://evil.com")(r)
		}, 405, "not GET"},

	{"another origin", apptest.Header("Origin", "http://evil.com"), 403, "origin"},
	{"no origin", apptest.Header("Origin"), 403, "has no Origin"},
	{"two origins", apptest.Header("Origin", "http://example.com", "http://example.com"),
		403, "origin"},
	{"another origin, no handshake",
		func(r *http.Request) {
			r.Header = http.Header{"Origin": {"http://evil.com"}}
		}, 400, "no websocket handshake"},
	{"a browser's address line", func(r *http.Request) { r.Header = http.Header{} }, 400,
		"no websocket handshake"},
	{"another origin, behind a proxy that removes Connection",
		func(r *http.Request) {
			r.Header.Del("Connection")
			r.Header.Set("Origin", "http://evil.com")
		}, 403, "origin"},

	{"an ordinary request",
		func(r *http.Request) {
			r.Header = http.Header{"Origin": {"http://example.com"}}
		}, 400, "no websocket handshake"},
	{"no Connection", apptest.Header("Connection"), 400, "'Connection' header"},
	{"Connection: keep-alive", apptest.Header("Connection", "keep-alive"), 400,
		"'Connection' header"},
	{"no Upgrade", apptest.Header("Upgrade"), 400, "'Upgrade' header"},
	{"Upgrade: h2c", apptest.Header("Upgrade", "h2c"), 400, "'Upgrade' header"},
	{"Upgrade: websockets", apptest.Header("Upgrade", "websockets"), 400,
		"'Upgrade' header"},
	{"no version", apptest.Header("Sec-Websocket-Version"), 400, "unsupported version"},
	{"version 8", apptest.Header("Sec-Websocket-Version", "8"), 400,
		"unsupported version"},
	{"version 130", apptest.Header("Sec-Websocket-Version", "130"), 400,
		"unsupported version"},
	{"no key", apptest.Header("Sec-Websocket-Key"), 400, "'Sec-WebSocket-Key' header"},
	{"empty key", apptest.Header("Sec-Websocket-Key", ""), 400,
		"'Sec-WebSocket-Key' header"},
	{"key of 15 bytes", apptest.Header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25j"), 400,
		"'Sec-WebSocket-Key' header"},
	{"key that is no Base64",
		apptest.Header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25j!!=="),
		400, "'Sec-WebSocket-Key' header"},
	{"key with a line end",
		apptest.Header("Sec-Websocket-Key", "dGhlIHNhbXBsZSBub25jZQ==\r\nX: y"), 400,
		"'Sec-WebSocket-Key' header"},
	{"a length", func(r *http.Request) { r.ContentLength = 1 }, 400, "a body"},
	{"an unknown length", func(r *http.Request) { r.ContentLength = -1 }, 400, "a body"},
	{"chunks that middleware has read",
		func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }, 400, "a body"},
	{"a length that middleware has hidden", apptest.Header("Content-Length", "5"), 400,
		"a body"},
	{"HTTP/1.0", protocol(1, 0), 400, "not HTTP/1.1"},
	{"HTTP/0.9", protocol(0, 9), 400, "not HTTP/1.1"},
}

// Contract 1.1 to 1.4: the response to a refused request, which handlers run,
// and what the log says.
func TestRefusals(t *testing.T) {
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			var lines bytes.Buffer
			ran := false
			m := martini.Classic()
			apptest.Quiet(m.Martini)
			last := func() { ran = true }
			m.Any("/ws",
				sockets.Messages(&sockets.Options{Logger: log.New(&lines, "", 0)}), last,
				last)
			w := &hijackable{ResponseRecorder: httptest.NewRecorder()}

			m.ServeHTTP(w, apptest.Handshake(test.change))

			wantRefusal(t, w.ResponseRecorder, test.status, test.reason)
			if ran || w.hijacked {
				t.Errorf("later handlers ran = %v, hijacked = %v, want false", ran,
					w.hijacked)
			}
			if got := lines.String(); !strings.HasPrefix(got,
				"[Warning] [192.0.2.1:1234] refused ") || strings.Count(got, "\n") != 1 ||
				strings.Contains(got, "\x1b") {
				t.Errorf("log = %q, want one warning without control characters", got)
			}
		})
	}
}

// wantRefusal checks a complete response.
func wantRefusal(t *testing.T, w *httptest.ResponseRecorder, status int, reason string) {
	t.Helper()
	body := w.Body.String()
	if w.Code != status || !strings.Contains(body, reason) || len(body) > 200 {
		t.Errorf("response = %d %q, want %d and a short text with %q", w.Code, body,
			status, reason)
	}
	if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("Content-Type = %q, want plain text", got)
	}
	allow := map[int]string{405: "GET"}[status]
	if got := w.Header().Get("Allow"); got != allow {
		t.Errorf("Allow = %q, want %q", got, allow)
	}
	version := map[int]string{400: "13"}[status]
	if got := w.Header().Get("Sec-WebSocket-Version"); got != version {
		t.Errorf("Sec-WebSocket-Version = %q, want %q", got, version)
	}
}

// hijackable is a response that records whether it was hijacked. Hijack itself fails.
type hijackable struct {
	*httptest.ResponseRecorder
	hijacked bool
}

func (h *hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.hijacked = true
	return nil, nil, errors.New("cable is cut")
}

// Contract 1.3: if the network cannot be hijacked, the upgrade has failed too.
func TestNotHijacked(t *testing.T) {
	h := apptest.App(apptest.Text(apptest.Silent()))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, apptest.Handshake())
	wantRefusal(t, w, 500, "cannot be hijacked")

	w = httptest.NewRecorder()
	h.ServeHTTP(&hijackable{ResponseRecorder: w}, apptest.Handshake())
	wantRefusal(t, w, 500, "cable is cut")
}

// Contract 1.3, 1.4: what is wrong with a handshake, and whose fault it is.
func TestWhoseFault(t *testing.T) {
	without := func(name string) func(*http.Request) { return apptest.Header(name) }
	for _, test := range []struct {
		name    string
		around  func(http.Handler) http.Handler
		change  func(*http.Request)
		status  int
		reason  string
		logged  string
		refused sockets.Refusal
	}{
		{"TimeoutHandler", func(h http.Handler) http.Handler {
			return http.TimeoutHandler(h, time.Minute, "late")
		}, func(*http.Request) {}, 500, "cannot be hijacked", "[Error]", "handshake"},
		{"a proxy removed Upgrade", nil, without("Upgrade"), 400, "a proxy", "[Warning]",
			"handshake"},
		{"a proxy removed Connection", nil, without("Connection"), 400, "a proxy",
			"[Warning]", "handshake"},
		{"no key", nil, without("Sec-Websocket-Key"), 400, "Key", "[Warning]", "handshake"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var lines bytes.Buffer
			group := new(sockets.Group)
			h := apptest.App(apptest.Text(&sockets.Options{Group: group,
				Logger: log.New(&lines, "", 0)}))
			if test.around != nil {
				h = test.around(h)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, apptest.Handshake(test.change))
			wantRefusal(t, w, test.status, test.reason)
			if !strings.HasPrefix(lines.String(), test.logged) {
				t.Errorf("log = %q, want %s", lines.String(), test.logged)
			}
			if n := group.Stats().Refused[test.refused]; n != 1 {
				t.Errorf("refused = %v, want one of %s", group.Stats().Refused, test.refused)
			}
		})
	}
}

// Contract 1.4: a refused request runs no later handler or middleware, wherever
// the library stands in the chain.
func TestRefusalEndsEveryChain(t *testing.T) {
	var ran []string
	run := func(name string) martini.Handler { return func() { ran = append(ran, name) } }
	messages := sockets.Messages(apptest.Silent())
	for _, test := range []struct {
		name  string
		route func(*martini.Martini, martini.Router)
	}{
		{"middleware", func(m *martini.Martini, r martini.Router) {
			m.Handlers(run("before"), messages, run("behind"))
			r.Get("/ws", run("route"))
		}},
		{"group", func(m *martini.Martini, r martini.Router) {
			r.Group("", func(r martini.Router) { r.Get("/ws", run("route")) },
				run("before"), messages, run("behind"))
		}},
		{"not found",
			func(m *martini.Martini, r martini.Router) {
				r.NotFound(run("before"), messages, run("behind"))
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			ran = nil
			m, r := martini.New(), martini.NewRouter()
			apptest.Quiet(m)
			m.Action(r.Handle)
			test.route(m, r)

			for _, status := range []int{405, 403, 400} {
				i := slices.IndexFunc(refusals,
					func(r refusal) bool { return r.status == status })
				m.ServeHTTP(httptest.NewRecorder(), apptest.Handshake(refusals[i].change))
			}

			if want := []string{"before", "before", "before"}; !slices.Equal(ran, want) {
				t.Errorf("handlers that ran = %v, want %v", ran, want)
			}
		})
	}
}

// Contract 1.4: text from a client is quoted in the log, and cut.
func TestRefusalIsLoggedQuoted(t *testing.T) {
	var lines bytes.Buffer
	m := apptest.App(apptest.Text(&sockets.Options{Logger: log.New(&lines, "", 0)}))
	evil := "http://evil\n[Error] [1.2.3.4] \x1b[31m\xff" + strings.Repeat("a", 100_000)

	m.ServeHTTP(httptest.NewRecorder(),
		apptest.Handshake(apptest.Header("Origin", evil),
			func(r *http.Request) { r.RemoteAddr = "1.2.3.4\n[Error]" }))

	got := lines.String()
	if len(got) > 1000 || strings.Count(got, "\n") != 1 ||
		strings.Contains(got, "\x1b") || strings.Contains(got, "\xff") ||
		!strings.Contains(got, `http://evil\n[Error]`) {
		t.Errorf("log = %.2000q, want one short line with the origin quoted", got)
	}
}
