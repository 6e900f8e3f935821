package sockets_test

import (
	"bytes"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// records returns options that log to a slog.Logger, and what it writes: a line each, with
// neither time nor remote.
func records(level int) (*sockets.Options, *bytes.Buffer) {
	var out bytes.Buffer
	h := slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "remote" &&
				strings.HasPrefix(a.Value.String(), "192.0.2.") {
				return slog.Attr{}
			}
			return a
		}})
	return &sockets.Options{Slog: slog.New(h), LogLevel: level}, &out
}

// Contract 6: Slog gets the same lines as Logger, with attributes.
func TestSlog(t *testing.T) {
	for _, test := range []struct {
		name    string
		client  func(*websocket.Conn)
		handler any
		want    []string
	}{
		{"messages", func(c *websocket.Conn) {
			c.WriteMessage(websocket.TextMessage, []byte("hello"))
			c.ReadMessage()
			apptest.Goodbye(4000, "evil\n\x1b")(c)
		}, apptest.Echo[string], []string{
			`level=INFO msg=connected route=/ws`,
			`level=DEBUG msg="message received" route=/ws size=5`,
			`level=DEBUG msg="sending a message" route=/ws size=5`,
			`level=INFO msg=closed route=/ws by=client code=4000 ` +
				`reason="websocket: close 4000: evil\n\x1b"`,
		}},
		{"a code that must not be sent", func(c *websocket.Conn) { apptest.All(c) },
			func(d chan<- int) { d <- 999 }, []string{
				`level=INFO msg=connected route=/ws`,
				`level=ERROR msg=closed route=/ws by=handler code=1011 ` +
					`reason="sockets: closed by the handler: websocket: close 1011 ` +
					`(internal server error), because 999 must not be sent"`,
			}},
		{"overdue", func(c *websocket.Conn) {
			apptest.Goodbye(1000, "")(c)
			time.Sleep(time.Minute)
		}, func(done <-chan bool) { <-done; time.Sleep(11 * time.Second) }, []string{
			`level=INFO msg=connected route=/ws`,
			`level=INFO msg=closed route=/ws by=client code=1000 ` +
				`reason="websocket: close 1000 (normal)"`,
			`level=WARN msg="the handler has not returned after done" route=/ws ` +
				`path=/ws after=10s handlers=1`,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, out := records(sockets.LogLevelDebug)
			synctest.Test(t, func(t *testing.T) {
				server := socketstest.NewServer(t, apptest.App(apptest.Text(o), test.handler))
				test.client(apptest.Dial(t, server, "/ws"))
				server.Close()
			})
			if want := strings.Join(test.want, "\n") + "\n"; out.String() != want {
				t.Errorf("log = %s, want %s", out, want)
			}
		})
	}
}

// Contract 1.4, 6: a refusal has its reason and what the client sent, cut.
func TestSlogRefusal(t *testing.T) {
	o, out := records(0)
	evil := "http://evil\n" + strings.Repeat("ä", 100_000)

	h := sockets.HandleText(reply[string], o)
	for _, change := range []func(r *http.Request){
		func(r *http.Request) { r.Pattern = "GET /{room}" },
		func(r *http.Request) {
			r.RemoteAddr, r.URL.Path = strings.Repeat("x", 10_000), strings.Repeat("y", 10_000)
		},
	} {
		h.ServeHTTP(httptest.NewRecorder(),
			apptest.Handshake(apptest.Header("Origin", evil), change))
	}

	lines := strings.Split(out.String(), "\n")
	const begin = `level=WARN msg="request refused"`
	end := ` method=GET status=403 reason="websocket: the origin is not allowed" ` +
		`origin="http://evil\n` + strings.Repeat("ä", 288) +
		`" host=example.com allowed=^https?://{{host}}$`
	remote, route := strings.Repeat("x", 200), strings.Repeat("y", 200)
	if len(lines) != 3 || lines[0] != begin+` route="GET /{room}"`+end ||
		lines[1] != begin+" remote="+remote+" route="+route+end {
		t.Errorf("log = %s, want route %s, end %s", out, route, end)
	}
}

// Contract 6: LogLevel and SkipLogging hold for Slog. If both loggers are set, both get
// the lines.
func TestSlogLevels(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(*sockets.Options)
		slog string // part of what Slog gets, or nothing
		both bool
	}{
		{"default", func(*sockets.Options) {}, "level=WARN", false},
		{"errors only", func(o *sockets.Options) { o.LogLevel = -1 }, "", false},
		{"skipped", func(o *sockets.Options) { o.SkipLogging = true }, "", false},
		{"both", func(o *sockets.Options) {}, "level=WARN", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, out := records(0)
			test.set(o)
			var lines bytes.Buffer
			if test.both {
				o.Logger = log.New(&lines, "", 0)
			}
			apptest.App(apptest.Text(o)).ServeHTTP(httptest.NewRecorder(),
				apptest.Handshake(apptest.Header("Origin")))
			if (out.Len() > 0) != (test.slog != "") ||
				!strings.Contains(out.String(), test.slog) {
				t.Errorf("Slog got %q, want %q in it", out, test.slog)
			}
			if test.both != strings.HasPrefix(lines.String(), "[Warning] [192.0.2.1:1234] ref") {
				t.Errorf("Logger got %q", &lines)
			}
		})
	}
}

// Contract 6: what a client sent is cut between two runes, also if it is no UTF-8.
func TestSlogCuts(t *testing.T) {
	o, out := records(0)
	apptest.App(apptest.Text(o)).ServeHTTP(httptest.NewRecorder(), apptest.Handshake(
		apptest.Header("Origin", strings.Repeat("\xff", 301)+"end")))
	if !utf8.Valid(out.Bytes()) || strings.Contains(out.String(), "end") ||
		strings.Count(out.String(), `\xff`) != 300 {
		t.Errorf("log = %q, want 300 of the bytes", out)
	}
}
