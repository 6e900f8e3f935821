package browser

import (
	"crypto/rand"
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
	tb testing.TB
}

func (p *process) guest(room, name string) *guest {
	p.tb.Helper()
	key := strings.ToLower(name[:1]) // makes the colours of the README's pictures
	query := url.Values{"room": {room}, "name": {name}, "key": {key}}.Encode()
	conn, _, err := websocket.DefaultDialer.Dial("ws://"+p.address+"/socket?"+query,
		http.Header{"Origin": {"http://" + p.address}})
	if err != nil {
		p.tb.Fatalf("%s: %v", name, err)
	}
	p.tb.Cleanup(func() { conn.Close() })
	g := &guest{apptest.Open(conn), p.tb}
	<-g.Messages // the welcome
	return g
}

func (g *guest) say(text string) {
	g.tb.Helper()
	err := g.WriteJSON(map[string]string{"kind": "say", "id": rand.Text(), "text": text})
	if err != nil {
		g.tb.Fatal(err)
	}
}
