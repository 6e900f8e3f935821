package socketstest_test

import (
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/beatrichartz/martini-sockets/socketstest"
)

// echo sends back what it gets, until the client is gone.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	up := websocket.Upgrader{Subprotocols: []string{"chat"}, EnableCompression: true}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		kind, p, err := conn.ReadMessage()
		if err != nil {
			return
		}
		if err := conn.WriteMessage(kind, p); err != nil {
			return
		}
	}
})

// roundTrip sends text to an echo and wants it back.
func roundTrip(t *testing.T, c *websocket.Conn, text string) {
	t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		t.Fatalf("WriteMessage() = %v, want nil", err)
	}
	_, got, err := c.ReadMessage()
	if err != nil || string(got) != text {
		t.Fatalf("ReadMessage() = %.20q, %v, want %.20q, nil", got, err, text)
	}
}

func TestDial(t *testing.T) {
	wstest.NoLeaks(t)
	roundTrip(t, socketstest.Dial(t, echo, "/"), "hello")
}

func TestDialInBubble(t *testing.T) {
	wstest.NoLeaks(t)
	synctest.Test(t, func(t *testing.T) {
		roundTrip(t, socketstest.Dial(t, echo, "/"), "hello")
	})
}
