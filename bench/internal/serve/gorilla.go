package serve

import (
	"net/http"
	"sync/atomic"

	"github.com/gorilla/websocket"
)

// upgrader has buffers of size zero: gorilla then takes over those that net/http made for the connection.
var upgrader websocket.Upgrader

// newGorilla is the raw loop: one goroutine a connection, the one that net/http started.
func newGorilla(joined *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Echo, gorillaEcho)
	mux.HandleFunc(JSON, gorillaJSON)
	mux.HandleFunc(Fan, gorillaFan(newList[*websocket.Conn](joined)))
	return mux
}

func gorillaEcho(w http.ResponseWriter, r *http.Request) {
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		kind, p, err := c.ReadMessage()
		if err != nil {
			return
		}
		if err := c.WriteMessage(kind, p); err != nil {
			return
		}
	}
}

func gorillaJSON(w http.ResponseWriter, r *http.Request) {
	c, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer c.Close()
	for {
		m := new(Message)
		if err := c.ReadJSON(m); err != nil {
			return
		}
		if err := c.WriteJSON(m); err != nil {
			return
		}
	}
}

// gorillaFan writes to every connection under the list's mutex, which also keeps gorilla's rule of one writer at a time.
func gorillaFan(all *list[*websocket.Conn]) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		all.join(c)
		defer all.leave(c)
		for {
			kind, p, err := c.ReadMessage()
			if err != nil {
				return
			}
			all.each(func(to *websocket.Conn) { _ = to.WriteMessage(kind, p) })
		}
	}
}
