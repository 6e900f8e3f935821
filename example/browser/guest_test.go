package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
)

// guest is somebody in a room without a window, which would take a second of the
// processor.
type guest struct {
	*apptest.Page
	tb    testing.TB
	words int
}

func newGuest(tb testing.TB, address, room, name string) *guest {
	tb.Helper()
	key := strings.ToLower(name[:1]) // makes the colours of the README's pictures
	query := url.Values{"room": {room}, "name": {name}, "key": {key}}.Encode()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/socket?"+query,
		http.Header{"Origin": {"http://" + address}})
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	tb.Cleanup(func() { conn.Close() })
	g := &guest{Page: apptest.Open(conn), tb: tb}
	<-g.Messages // the welcome
	return g
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
