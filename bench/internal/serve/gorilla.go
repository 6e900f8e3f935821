package serve

import (
	"net/http"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// upgrader has buffers of size zero: gorilla then takes over those that net/http made for
// the connection.
var (
	upgrader           websocket.Upgrader
	upgraderCompressed = websocket.Upgrader{EnableCompression: true}
)

// Martini runs these two as well.
var (
	gorillaEcho = gorillaFunc(&upgrader, echoMessages)
	gorillaJSON = gorillaFunc(&upgrader, echoJSON)
)

// newGorilla is the raw loop: one goroutine a connection, the one that net/http started.
func newGorilla(joined *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Echo, gorillaEcho)
	mux.HandleFunc(Compressed, gorillaFunc(&upgraderCompressed, echoMessages))
	mux.HandleFunc(JSON, gorillaJSON)
	// The list's mutex also keeps gorilla's rule of one writer at a time.
	all := newList[*websocket.Conn](joined)
	mux.HandleFunc(Fan, gorillaFunc(&upgrader, func(c *websocket.Conn) {
		all.join(c)
		defer all.leave(c)
		for {
			kind, p, err := c.ReadMessage()
			if err != nil {
				return
			}
			all.each(func(to *websocket.Conn) { _ = to.WriteMessage(kind, p) })
		}
	}))
	return mux
}

// gorillaFunc upgrades, serves and closes.
func gorillaFunc(u *websocket.Upgrader, serve func(*websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c, err := u.Upgrade(w, r, nil); err == nil {
			defer c.Close()
			serve(c)
		}
	}
}

func echoMessages(c *websocket.Conn) {
	for {
		kind, p, err := c.ReadMessage()
		if err != nil || c.WriteMessage(kind, p) != nil {
			return
		}
	}
}

func echoJSON(c *websocket.Conn) {
	for m := new(Message); c.ReadJSON(m) == nil && c.WriteJSON(m) == nil; {
		m = new(Message)
	}
}
