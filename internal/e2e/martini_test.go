package e2e

import (
	"bytes"
	"log"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"
)

// served returns a server in memory for h, and what net/http logs.
func served(t *testing.T, h http.Handler) (*socketstest.Server, *bytes.Buffer) {
	complaints := &bytes.Buffer{}
	server := socketstest.NewServer(t, h)
	server.Config.ErrorLog = log.New(complaints, "", 0)
	return server, complaints
}

// echoes fails the test unless the connection echoes.
func echoes(t *testing.T, client *websocket.Conn) {
	t.Helper()
	client.WriteMessage(websocket.TextMessage, []byte("hello"))
	if _, got, err := client.ReadMessage(); err != nil || string(got) != "hello" {
		t.Fatalf("ReadMessage() = %q, %v, want hello", got, err)
	}
}

// leave closes the client and waits for the handlers.
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

// Contract 5.1: the library works under Classic and New, in groups, with Any and
// as middleware. The handler may return (200, "OK"), as in the original's README.
func TestUnderMartini(t *testing.T) {
	ok := func(
		receiver <-chan string, sender chan<- string, done <-chan bool,
	) (int, string) {
		apptest.Echo(receiver, sender, done)
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
			func(_ *martini.Martini, r martini.Router) {
				r.Get("/rooms/:room/**", messages, ok)
			}},
		{"handlers before and behind", "/ws",
			func(_ *martini.Martini, r martini.Router) {
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
		t.Run(test.name, func(t *testing.T) {
			underMartini(t, martini.New(), test.path, test.route)
		})
		t.Run(test.name+", classic", func(t *testing.T) {
			underMartini(t, martini.Classic().Martini, test.path, test.route)
		})
	}
}

func underMartini(
	t *testing.T, m *martini.Martini, path string,
	route func(*martini.Martini, martini.Router),
) {
	r := martini.NewRouter()
	apptest.Quiet(m)
	m.Action(r.Handle)
	route(m, r)
	server, complaints := served(t, m)

	client := apptest.Dial(t, server, path)
	echoes(t, client)
	leave(server, client)

	if complaints.Len() > 0 {
		t.Errorf("net/http logged %q, want nothing", complaints)
	}
}

// Contract 2.4: if a handler asks for a channel that nobody mapped, the log
// names the available ones.
func TestMissingChannel(t *testing.T) {
	var lines bytes.Buffer
	o := &sockets.Options{Logger: log.New(&lines, "", 0)}
	server, _ := served(t, apptest.App(apptest.JSON(note{}, o), func(chan<- note) {}))
	client := apptest.Dial(t, server, "/ws")

	client.ReadMessage() // closing first would be the reason for the end
	server.Close()

	for _, want := range []string{"[Error]",
		"Value not found for type chan<- e2e.note", "<-chan *e2e.note",
		"chan<- *e2e.note", "chan<- *sockets.Prepared", "<-chan bool",
		"chan<- int", "<-chan error"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("log = %q, want %q in it", &lines, want)
		}
	}
}

// Contract 5.2, for a Martini inside another one.
func TestMartiniInMartini(t *testing.T) {
	inner, outer := martini.New(), martini.New()
	apptest.Quiet(inner)
	apptest.Quiet(outer)
	inner.Use(sockets.Messages(apptest.Silent()))
	inner.Action(func() (int, string) { return 200, "OK" })
	ran := false
	outer.Use(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(w, r) })
	outer.Use(func(w http.ResponseWriter) { w.Write([]byte("behind")) })
	outer.Action(func() { ran = true })
	server, complaints := served(t, outer)

	leave(server, apptest.Dial(t, server, "/ws"))

	if complaints.Len() > 0 || ran {
		t.Errorf("net/http logged %q, the handler behind a write ran = %v, want "+
			"nothing, false", complaints, ran)
	}
}

// Contract 3.7, 5.2: Recovery logs the panic with its stack. The 500 that it
// writes is dropped.
func TestRecovery(t *testing.T) {
	var lines bytes.Buffer
	m := martini.Classic()
	m.Logger(log.New(&lines, "", 0))
	m.Get("/ws", sockets.Messages(apptest.Silent()),
		func() { panic("a panic of the test") })
	server, complaints := served(t, m)

	leave(server, apptest.Dial(t, server, "/ws"))

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
