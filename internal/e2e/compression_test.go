package e2e

import (
	"net/http"
	"testing"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// Contract 1.7: compression is off unless the Upgrader turns it on.
func TestNoCompressionByDefault(t *testing.T) {
	for _, o := range []*sockets.Options{apptest.Silent(),
		apptest.Silent(func(o *sockets.Options) { o.Upgrader = &websocket.Upgrader{} })} {
		server := wstest.NewServer(t, apptest.App(apptest.Text(o)))

		offer := http.Header{"Sec-WebSocket-Extensions": {"permessage-deflate"}}
		resp := server.Connect().Upgrade("/ws", offer)

		if got := resp.Header["Sec-Websocket-Extensions"]; got != nil {
			t.Errorf("extensions with %+v = %q, want none", o, got)
		}
	}
}

// Contract 1.7: once agreed on, compression applies in both directions, also to
// prepared messages. The handler still sees the header that the client sent.
func TestCompression(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	o := apptest.Silent()
	o.Upgrader = &websocket.Upgrader{EnableCompression: true}
	middle := func(r *http.Request) { seen <- r.Header.Get("Sec-WebSocket-Extensions") }
	server := wstest.NewServer(t,
		apptest.App(apptest.Text(o), middle, apptest.Echo[string]))
	client := server.Connect()
	client.Upgrade("/ws", http.Header{
		"Sec-WebSocket-Extensions": {"permessage-deflate; client_max_window_bits"},
	})

	client.Send(wstest.Compressed(wstest.OpText, []byte("hello hello hello")))
	got := client.ReadFrame()

	if text, err := wstest.Inflate(got.Payload); got.Rsv != wstest.Rsv1 || err != nil ||
		string(text) != "hello hello hello" {
		t.Errorf("echo = %v, %q, %v, want it compressed", got, text, err)
	}
	offered := apptest.Next(t, "header", seen)
	if offered != "permessage-deflate; client_max_window_bits" {
		t.Errorf("Sec-WebSocket-Extensions of the request = %q, want it unchanged",
			offered)
	}
}
