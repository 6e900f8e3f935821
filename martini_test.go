package sockets_test

import (
	"bytes"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// quiet takes Martini's own lines away.
func quiet(m *martini.Martini) { m.Logger(log.New(io.Discard, "", 0)) }

// served is a server in memory for h, and what net/http has to complain of.
func served(t *testing.T, h http.Handler) (*socketstest.Server, *bytes.Buffer) {
	complaints := &bytes.Buffer{}
	server := socketstest.NewServer(t, h)
	server.Config.ErrorLog = log.New(complaints, "", 0)
	return server, complaints
}

// echoes fails the test unless the connection sends back what it is sent.
func echoes(t *testing.T, client *websocket.Conn) {
	t.Helper()
	client.WriteMessage(websocket.TextMessage, []byte("hello"))
	if _, got, err := client.ReadMessage(); err != nil || string(got) != "hello" {
		t.Fatalf("ReadMessage() = %q, %v, want hello", got, err)
	}
}

func dial(t *testing.T, server *socketstest.Server, path string) *websocket.Conn {
	t.Helper()
	client, resp, err := server.Dial(path, nil)
	if err != nil {
		t.Fatalf("Dial(%q): %v, %v", path, err, resp)
	}
	return client
}

// leave says goodbye and waits for the handlers.
func leave(server *socketstest.Server, client *websocket.Conn) {
	client.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(1000, ""),
		time.Time{})
	for {
		if _, _, err := client.ReadMessage(); err != nil {
			break
		}
	}
	server.Close()
}

// Contract 5.1: under Classic and New, behind groups, with Any and as
// middleware; and (200, "OK") is returned, as the original's README does.
func TestUnderMartini(t *testing.T) {
	ok := func(receiver <-chan string, sender chan<- string, done <-chan bool) (int,
		string) {
		apptest.Echo[string](receiver, sender, done)
		return 200, "OK"
	}
	middle := func(r *http.Request, params martini.Params) {}
	messages := sockets.Messages(apptest.Silent())
	tests := []struct {
		name  string
		path  string
		route func(*martini.Martini, martini.Router)
	}{
		{"get", "/ws",
			func(_ *martini.Martini, r martini.Router) { r.Get("/ws", messages, ok) }},
		{"any", "/ws",
			func(_ *martini.Martini, r martini.Router) { r.Any("/ws", messages, ok) }},
		{"parameter", "/rooms/a/b",
			func(_ *martini.Martini,
				r martini.Router) {
				r.Get("/rooms/:room/**", messages, ok)
			}},
		{"handlers before and behind", "/ws",
			func(_ *martini.Martini,
				r martini.Router) {
				r.Get("/ws", middle, messages, middle, ok)
			}},
		{"group", "/rooms/a/ws", func(_ *martini.Martini, r martini.Router) {
			r.Group("/rooms", func(r martini.Router) {
				r.Group("/a", func(r martini.Router) { r.Get("/ws", messages, ok) },
					middle)
			})
		}},
		{"handler of a group", "/rooms/ws", func(_ *martini.Martini, r martini.Router) {
			r.Group("/rooms", func(r martini.Router) { r.Get("/ws", ok) }, messages)
		}},
		{"not found", "/anything",
			func(_ *martini.Martini, r martini.Router) { r.NotFound(messages, ok) }},
		{"middleware", "/ws", func(m *martini.Martini, r martini.Router) {
			m.Use(messages)
			r.Get("/ws", ok)
		}},
	}
	for _, test := range tests {
		for _, classic := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				m, r := martini.New(), martini.NewRouter()
				if classic {
					m = martini.Classic().Martini
				}
				quiet(m)
				m.Action(r.Handle)
				test.route(m, r)
				server, complaints := served(t, m)

				client := dial(t, server, test.path)
				echoes(t, client)
				leave(server, client)

				if complaints.Len() > 0 {
					t.Errorf("net/http logged %q, want nothing", complaints)
				}
			})
		}
	}
}

// buffering is what compressing middleware puts in the place of Martini's writer.
type buffering struct {
	martini.ResponseWriter
	w io.Writer
}

func (b buffering) Write(p []byte) (int, error) { return b.w.Write(p) }

// holding is middleware's writer that holds the response back, as one that
// compresses does.
type holding struct {
	inner  http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (h *holding) Header() http.Header         { return h.inner.Header() }
func (h *holding) WriteHeader(status int)      { h.status = status }
func (h *holding) Write(p []byte) (int, error) { return h.body.Write(p) }
func (h *holding) Unwrap() http.ResponseWriter { return h.inner }

// Contract 1.4: a refusal ends the chain, also where middleware holds the
// response back, so that Martini does not see it written. The response goes out
// when the middleware lets it.
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
				quiet(m)
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

// Contract 2.4: a handler that asks for a channel that nobody mapped is told
// which there are.
func TestMissingChannel(t *testing.T) {
	var lines bytes.Buffer
	o := &sockets.Options{Logger: log.New(&lines, "", 0)}
	server, _ := served(t, apptest.App(sockets.JSON(note{}, o), func(chan<- note) {}))
	client := dial(t, server, "/ws")

	client.ReadMessage() // not closed first: that would be the reason
	server.Close()

	for _, want := range []string{"[Error]",
		"Value not found for type chan<- sockets_test.note", "<-chan *sockets_test.note",
		"chan<- *sockets_test.note", "chan<- *sockets.Prepared", "<-chan bool",
		"chan<- int", "<-chan error"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("log = %q, want %q in it", &lines, want)
		}
	}
}

// opaque hides Martini's writer.
type opaque struct{ w http.ResponseWriter }

func (o opaque) Header() http.Header         { return o.w.Header() }
func (o opaque) Write(p []byte) (int, error) { return o.w.Write(p) }
func (o opaque) WriteHeader(status int)      { o.w.WriteHeader(status) }
func (o opaque) Unwrap() http.ResponseWriter { return o.w }

// Contract 5.2: what is written after the upgrade is dropped silently, whoever
// writes it.
func TestWritesAreDropped(t *testing.T) {
	messages := sockets.Messages(apptest.Silent())
	nothing := func() {}
	tests := []struct {
		name     string
		handlers []martini.Handler
	}{
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
		t.Run(test.name, func(t *testing.T) {
			server, complaints := served(t, apptest.App(test.handlers...))

			client := dial(t, server, "/ws")
			got, _ := apptest.All(client)
			server.Close()

			if len(got) > 0 || complaints.Len() > 0 {
				t.Errorf("the client got %q, net/http logged %q, want nothing", got,
					complaints)
			}
		})
	}
}

// Contract 5.2: what is dropped counts for Martini, as in any chain: a handler
// that writes is the last, and so is one that panics. Authentication behind the
// upgrade does not let everyone pass.
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
				wrap := func(c martini.Context, w http.ResponseWriter) {
					if wrapped {
						c.MapTo(buffering{w.(martini.ResponseWriter), w},
							(*http.ResponseWriter)(nil))
					}
				}
				chain := apptest.App(martini.Recovery(), wrap,
					sockets.Messages(apptest.Silent()),
					test.middle, func() { ran = true })
				server := socketstest.NewServer(t, chain)

				leave(server, dial(t, server, "/ws"))

				if ran != test.want {
					t.Errorf("the handler behind one that %s ran = %v, want %v",
						test.name, ran, test.want)
				}
			})
		}
	}
}

// Contract 5.2, for a Martini inside of another.
func TestMartiniInMartini(t *testing.T) {
	inner, outer := martini.New(), martini.New()
	quiet(inner)
	quiet(outer)
	inner.Use(sockets.Messages(apptest.Silent()))
	inner.Action(func() (int, string) { return 200, "OK" })
	ran := false
	outer.Use(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r) })
	outer.Use(func(w http.ResponseWriter) { w.Write([]byte("behind")) })
	outer.Action(func() { ran = true })
	server, complaints := served(t, outer)

	leave(server, dial(t, server, "/ws"))

	if complaints.Len() > 0 || ran {
		t.Errorf("net/http logged %q, the handler behind a write ran = %v, want "+
			"nothing, false", complaints, ran)
	}
}

// Contract 3.7, 5.2: Recovery logs the panic with its stack, and the 500 that
// it writes goes nowhere.
func TestRecovery(t *testing.T) {
	var lines bytes.Buffer
	m := martini.Classic()
	m.Logger(log.New(&lines, "", 0))
	m.Get("/ws", sockets.Messages(apptest.Silent()),
		func() { panic("a panic of the test") })
	server, complaints := served(t, m)

	leave(server, dial(t, server, "/ws"))

	for _, want := range []string{"PANIC: a panic of the test", "martini_test.go",
		"Completed 500 Internal Server Error"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("Martini logged %q, want %q in it", lines.String(), want)
		}
	}
	if complaints.Len() > 0 {
		t.Errorf("net/http logged %q, want nothing", complaints)
	}
}
