package sockets_test

import (
	"net/http"
	"testing"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/gorilla/websocket"
)

// Contract 1.7: compression is off unless the Upgrader says otherwise.
func TestNoCompressionByDefault(t *testing.T) {
	for _, o := range []*sockets.Options{silent(), silent(func(o *sockets.Options) { o.Upgrader = &websocket.Upgrader{} })} {
		server := wstest.NewServer(t, app(sockets.Messages(o)))

		got := server.Connect().Upgrade("/ws", http.Header{"Sec-WebSocket-Extensions": {"permessage-deflate"}}).Header["Sec-Websocket-Extensions"]

		if got != nil {
			t.Errorf("extensions with %+v = %q, want none", o, got)
		}
	}
}

// Contract 1.7: what was agreed on is done: messages are compressed in both directions, also prepared ones, and the handler's middleware
// still sees the header that the client sent.
func TestCompression(t *testing.T) {
	seen := make(chan string, 1)
	server := wstest.NewServer(t, app(
		sockets.Messages(silent(func(o *sockets.Options) { o.Upgrader = &websocket.Upgrader{EnableCompression: true} })),
		func(r *http.Request) { seen <- r.Header.Get("Sec-WebSocket-Extensions") }, echoOf[string]))
	client := server.Connect()
	client.Upgrade("/ws", http.Header{"Sec-WebSocket-Extensions": {"permessage-deflate; client_max_window_bits"}})

	client.Send(wstest.Text(string(wstest.Deflate([]byte("hello hello hello")))).WithRsv(wstest.Rsv1))
	got := client.ReadFrame()

	if text, err := wstest.Inflate(got.Payload); got.Rsv != wstest.Rsv1 || err != nil || string(text) != "hello hello hello" {
		t.Errorf("echo = %v, %q, %v, want it compressed", got, text, err)
	}
	if got := next(t, "header", seen); got != "permessage-deflate; client_max_window_bits" {
		t.Errorf("Sec-WebSocket-Extensions of the request = %q, want it unchanged", got)
	}
}
