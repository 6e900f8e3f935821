package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// guest is somebody in a room without a window, which would take a second of the
// processor.
type guest struct {
	*websocket.Conn
	tb    testing.TB
	words int
}

func newGuest(tb testing.TB, address, room, name string) *guest {
	tb.Helper()
	key := strings.ToLower(name[:1]) // makes the colours of the README's pictures
	query := url.Values{"room": {room}, "name": {name}, "key": {key}}.Encode()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/socket?"+query,
		http.Header{"Origin": {"http://" + address}})
	if err == nil {
		_, _, err = conn.ReadMessage() // the welcome
	}
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	tb.Cleanup(func() { conn.Close() })
	go func() { // until the end
		for err == nil {
			_, _, err = conn.ReadMessage()
		}
	}()
	return &guest{Conn: conn, tb: tb}
}

func (g *guest) say(text string) {
	g.tb.Helper()
	g.words++
	id := fmt.Sprint(g.words)
	err := g.WriteJSON(map[string]string{"kind": "say", "id": id, "text": text})
	if err != nil {
		g.tb.Fatal(err)
	}
}
