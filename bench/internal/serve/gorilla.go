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

// newGorilla is the raw loop: one goroutine a connection, the one that net/http started.
func newGorilla(joined *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Echo, gorillaEcho)
	mux.HandleFunc(Compressed, gorillaFunc(&upgraderCompressed, echoMessages))
	mux.HandleFunc(JSON, gorillaJSON)
	mux.HandleFunc(Fan, gorillaFan(newList[*websocket.Conn](joined)))
	return mux
}

// gorillaFunc upgrades, serves and closes.
func gorillaFunc(u *websocket.Upgrader, serve func(*websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := u.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		serve(c)
	}
}

// Martini runs these two as well.
var (
	gorillaEcho = gorillaFunc(&upgrader, echoMessages)
	gorillaJSON = gorillaFunc(&upgrader, echoJSON)
)

func echoMessages(c *websocket.Conn) {
	for {
		kind, p, err := c.ReadMessage()
		if err != nil || c.WriteMessage(kind, p) != nil {
			return
		}
	}
}

func echoJSON(c *websocket.Conn) {
	for {
		m := new(Message)
		if c.ReadJSON(m) != nil || c.WriteJSON(m) != nil {
			return
		}
	}
}

// gorillaFan writes to every connection under the list's mutex, which also keeps
// gorilla's rule of one writer at a time.
func gorillaFan(all *list[*websocket.Conn]) http.HandlerFunc {
	return gorillaFunc(&upgrader, func(c *websocket.Conn) {
		all.join(c)
		defer all.leave(c)
		for {
			kind, p, err := c.ReadMessage()
			if err != nil {
				return
			}
			all.each(func(to *websocket.Conn) { _ = to.WriteMessage(kind, p) })
		}
	})
}
