package sockets_test

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/go-martini/martini"
)

// onlyUnwrap is a ResponseWriter with no method of its own but Unwrap.
type onlyUnwrap struct{ inner http.ResponseWriter }

func (w onlyUnwrap) Header() http.Header         { return w.inner.Header() }
func (w onlyUnwrap) Write(p []byte) (int, error) { return w.inner.Write(p) }
func (w onlyUnwrap) WriteHeader(status int)      { w.inner.WriteHeader(status) }
func (w onlyUnwrap) Unwrap() http.ResponseWriter { return w.inner }

// Contract 1.3: the network connection is found inside writers that only have Unwrap, both
// around Martini's own writer and inside it.
func TestWritersWithOnlyUnwrap(t *testing.T) {
	around := func(ctx martini.Context, w http.ResponseWriter) {
		ctx.MapTo(onlyUnwrap{onlyUnwrap{w}}, (*http.ResponseWriter)(nil))
	}
	app := apptest.App(around, apptest.Text(apptest.Silent()), apptest.Echo[string])
	server := wstest.NewServer(t, http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) { app.ServeHTTP(onlyUnwrap{w}, r) }))
	client := server.Dial("/ws", nil)
	client.Send(wstest.Text("hello"))
	if _, got := client.ReadMessage(); string(got) != "hello" {
		t.Errorf("received %q, want hello", got)
	}
}

// Contract 1.5: which headers go out with the 101, and which do not.
func TestHeadersPassedOn(t *testing.T) {
	forbidden := http.Header{
		"Connection": {"close"}, "Upgrade": {"h2c"}, "Content-Length": {"5"},
		"Content-Type": {"text/html"}, "Transfer-Encoding": {"chunked"},
		"Sec-WebSocket-Accept": {"evil"}, "Sec-Websocket-Accept": {"evil"},
		"sec-websocket-accept": {"evil"}, "Sec-Websocket-Protocol": {"evil"},
		"Sec-Websocket-Extensions": {"permessage-deflate"},
		"Sec-Websocket-Anything":   {"evil"}, "content-length": {"5"},
		"TRANSFER-ENCODING": {"chunked"},
		"Evil\r\nEvil":      {"evil"}, "Evil: evil": {"evil"}, "": {"evil"},
		"Ev il":      {"evil"},
		"Evil\u212a": {"evil"},
	}
	set := http.Header{"Set-Cookie": {"a=1; Path=/", "b=2; HttpOnly"},
		"x-lower-case": {"1"}, "X-Split": {"a\r\nEvil: b"}, "X-Empty": {""}, "Date": nil}
	server := wstest.NewServer(t, apptest.App(func(w http.ResponseWriter) {
		for _, h := range []http.Header{set, forbidden} {
			for name, values := range h {
				w.Header()[name] = values
			}
		}
	}, apptest.Text(apptest.Silent()), apptest.Echo[string]))

	client := server.Connect()
	got := client.Upgrade("/ws", nil).Header

	want := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Accept": {"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
		"Set-Cookie":           {"a=1; Path=/", "b=2; HttpOnly"}, "X-Lower-Case": {"1"},
		"X-Split": {"a  Evil: b"}, "X-Empty": {""},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("headers of the 101 = %q, want %q", got, want)
	}
	client.Send(wstest.Text("hello"))
	if _, m := client.ReadMessage(); string(m) != "hello" {
		t.Errorf("ReadMessage() = %q, want hello", m)
	}
}
