package apptest

import (
	"cmp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// Dial connects a client to path. It fails the test if the handshake fails.
func Dial(t testing.TB, server *socketstest.Server, path string) *websocket.Conn {
	t.Helper()
	client, resp, err := server.Dial(path, nil)
	if err != nil {
		t.Fatalf("Dial(%q): %v, %v", path, err, resp)
	}
	return client
}

// DialAll connects n clients to /ws and waits until their handlers run. Call it
// in a bubble.
func DialAll(t *testing.T, server *socketstest.Server, n int) (all []*websocket.Conn) {
	t.Helper()
	for range n {
		all = append(all, Dial(t, server, "/ws"))
	}
	synctest.Wait()
	return all
}

// Page is a client that reads all the time, as a page does.
type Page struct {
	*websocket.Conn
	Messages chan string // closed at the end
	End      error       // why reading ended; read it when Messages is closed
}

// Open makes a Page of a connection.
func Open(conn *websocket.Conn) *Page {
	p := &Page{Conn: conn, Messages: make(chan string, 1000)}
	go func() { // until the connection ends
		defer close(p.Messages)
		for {
			_, data, err := conn.ReadMessage()
			if err != nil {
				p.End = err
				return
			}
			p.Messages <- string(data)
		}
	}()
	return p
}

// Goodbye returns a client that sends a close frame, without a body if code is 0,
// and reads to the end.
func Goodbye(code int, reason string) func(*websocket.Conn) {
	return func(client *websocket.Conn) {
		payload := websocket.FormatCloseMessage(cmp.Or(code, 1005), reason)
		_ = client.WriteControl(websocket.CloseMessage, payload, time.Time{})
		All(client)
	}
}
