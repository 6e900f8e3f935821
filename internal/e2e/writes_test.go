package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
)

// buffering is a writer that compressing middleware maps instead of Martini's.
type buffering struct {
	martini.ResponseWriter
	w io.Writer
}

func (b buffering) Write(p []byte) (int, error) { return b.w.Write(p) }

// holding is a writer that buffers the response, as compressing middleware does.
type holding struct {
	inner  http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *holding) Header() http.Header         { return h.inner.Header() }
func (h *holding) WriteHeader(status int)      { h.status = status }
func (h *holding) Write(p []byte) (int, error) { return h.body.Write(p) }
func (h *holding) Unwrap() http.ResponseWriter { return h.inner }

// Contract 1.4: a refusal ends the chain even if middleware buffers the
// response, so that Martini does not see the write. The response goes out when
// the middleware sends it.
func TestRefusalHeldBack(t *testing.T) {
	for _, test := range []struct {
		name   string
		method string
		origin string
		status int
	}{
		{"origin", "GET", "http://evil.com", 403},
		{"method", "POST", "http://example.com", 405},
		{"handshake", "GET", "http://example.com", 400},
	} {
		for _, shape := range []string{"route", "use"} {
			t.Run(test.name+" "+shape, func(t *testing.T) {
				ran := false
				hold := func(c martini.Context, w http.ResponseWriter) {
					held := &holding{inner: w}
					c.MapTo(held, (*http.ResponseWriter)(nil))
					c.Next()
					w.WriteHeader(held.status)
					w.Write(held.body.Bytes())
				}
				m := martini.New()
				apptest.Quiet(m)
				chain := []martini.Handler{hold, sockets.Messages(apptest.Silent()),
					func() { ran = true }}
				if r := martini.NewRouter(); shape == "route" {
					r.Any("/ws", chain...)
					m.Action(r.Handle)
				} else {
					m.Use(chain[0])
					m.Use(chain[1])
					m.Action(chain[2])
				}
				r := httptest.NewRequest(test.method, "http://example.com/ws", nil)
				r.Header.Set("Origin", test.origin)
				r.Header.Set("Sec-Websocket-Key", "an attempt")
				w := httptest.NewRecorder()

				m.ServeHTTP(w, r)

				if w.Code != test.status || w.Body.Len() == 0 || ran {
					t.Errorf("response = %d %q, the next handler ran: %t, want %d and no",
						w.Code, w.Body, ran, test.status)
				}
			})
		}
	}
}

// opaque hides Martini's writer.
type opaque struct{ w http.ResponseWriter }

func (o opaque) Header() http.Header         { return o.w.Header() }
func (o opaque) Write(p []byte) (int, error) { return o.w.Write(p) }
func (o opaque) WriteHeader(status int)      { o.w.WriteHeader(status) }
func (o opaque) Unwrap() http.ResponseWriter { return o.w }

// writesAreDroppedTest is a row of TestWritesAreDropped.
type writesAreDroppedTest struct {
	name     string
	handlers []martini.Handler
}

// Contract 5.2: everything written after the upgrade is dropped silently,
// whoever writes it.
func TestWritesAreDropped(t *testing.T) {
	messages := sockets.Messages(apptest.Silent())
	nothing := func() {}
	tests := []writesAreDroppedTest{
		{"returned",
			[]martini.Handler{messages, func() (int, string) { return 200, "OK" }}},
		{"returned bytes",
			[]martini.Handler{messages, func() []byte { return []byte("OK") }}},
		{"written",
			[]martini.Handler{messages,
				func(w http.ResponseWriter) { http.Error(w, "no", 500) }}},
		{"flushed",
			[]martini.Handler{messages,
				func(w http.ResponseWriter) { w.(http.Flusher).Flush() }}},
		{"hijacked again",
			[]martini.Handler{messages,
				func(w http.ResponseWriter) { w.(http.Hijacker).Hijack() }}},
		{"used as Martini's", []martini.Handler{messages, func(w http.ResponseWriter) {
			rw := w.(martini.ResponseWriter)
			rw.Before(func(martini.ResponseWriter) {})
			rw.Written()
			rw.Size()
			rw.WriteHeader(201)
			rw.Status()
		}}},
		{"panic", []martini.Handler{messages, func() { panic("a panic of the test") }}},
		{"missing service", []martini.Handler{messages, func(<-chan float32) {}}},
		{"written by earlier middleware",
			[]martini.Handler{func(c martini.Context, w http.ResponseWriter) {
				c.Next()
				w.Write([]byte("footer"))
			}, messages, nothing}},
		{"written through a buffer",
			[]martini.Handler{func(c martini.Context, w http.ResponseWriter) {
				buffered := buffering{w.(martini.ResponseWriter), w}
				c.MapTo(buffered, (*http.ResponseWriter)(nil))
				c.Next()
				w.Write([]byte("footer"))
			}, messages, func() string { return "OK" }}},
		{"written late through a field of another name",
			[]martini.Handler{func(c martini.Context, w http.ResponseWriter) {
				c.MapTo(&holding{inner: w}, (*http.ResponseWriter)(nil))
				c.Next()
				w.Write([]byte("footer"))
			}, messages, func() string { return "OK" }}},
		{"written late through Unwrap",
			[]martini.Handler{func(c martini.Context, w http.ResponseWriter) {
				c.MapTo(opaque{w}, (*http.ResponseWriter)(nil))
				c.Next()
				w.Write([]byte("footer"))
			}, messages, nothing}},
		{"written through what hides Martini",
			[]martini.Handler{func(c martini.Context, w http.ResponseWriter) {
				c.MapTo(opaque{w}, (*http.ResponseWriter)(nil))
			}, messages, func() string { return "OK" }}},
	}
	for _, test := range tests {
		t.Run(test.name, test.run)
	}
}

func (test writesAreDroppedTest) run(t *testing.T) {
	server, complaints := served(t, apptest.App(test.handlers...))

	client := apptest.Dial(t, server, "/ws")
	got, _ := apptest.All(client)
	server.Close()

	if len(got) > 0 || complaints.Len() > 0 {
		t.Errorf("the client got %q, net/http logged %q, want nothing", got,
			complaints)
	}
}

// wrap is middleware that maps another writer instead of Martini's.
func wrap(c martini.Context, w http.ResponseWriter) {
	c.MapTo(buffering{w.(martini.ResponseWriter), w}, (*http.ResponseWriter)(nil))
}

// Contract 5.2: for Martini a dropped write counts as a write. A handler that
// writes is the last of its chain, and so is one that panics. So authentication
// that runs after the upgrade does not let everyone pass.
func TestChainEndsWithAWrite(t *testing.T) {
	tests := []struct {
		name   string
		middle martini.Handler
		want   bool
	}{
		{"writes nothing", func() {}, true},
		{"refuses",
			func(w http.ResponseWriter) {
				http.Error(w, "who are you?", http.StatusUnauthorized)
			}, false},
		{"returns", func() (int, string) { return 403, "no" }, false},
		{"panics", func() { panic("a panic of the test") }, false},
	}
	for _, test := range tests {
		for _, wrapped := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				ran := false
				middleware := map[bool]martini.Handler{false: func() {}, true: wrap}
				chain := apptest.App(martini.Recovery(), middleware[wrapped],
					apptest.Text(apptest.Silent()),
					test.middle, func() { ran = true })
				server := socketstest.NewServer(t, chain)

				leave(server, apptest.Dial(t, server, "/ws"))

				if ran != test.want {
					t.Errorf("the handler behind one that %s ran = %v, want %v",
						test.name, ran, test.want)
				}
			})
		}
	}
}
