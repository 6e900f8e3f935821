package serve

import (
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// upgrader has buffers of size zero: gorilla then takes over those that net/http made for
// the connection.
var upgrader websocket.Upgrader

// Martini runs these two as well.
var (
	gorillaEcho = gorillaFunc(echoMessages)
	gorillaJSON = gorillaFunc(func(c *websocket.Conn) {
		for m := new(Message); c.ReadJSON(m) == nil && c.WriteJSON(m) == nil; {
			m = new(Message)
		}
	})
)

// newGorilla is the raw loop: one goroutine a connection, the one that net/http started.
func newGorilla() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Echo, gorillaEcho)
	mux.HandleFunc(JSON, gorillaJSON)
	all := newList[*websocket.Conn]() // whose mutex allows one writer at a time
	mux.HandleFunc(Fan, gorillaFunc(func(c *websocket.Conn) {
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
func gorillaFunc(serve func(*websocket.Conn)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if c, err := upgrader.Upgrade(w, r, nil); err == nil {
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

// list is what programs wrote by hand before there were rooms: a mutex, and a loop of
// sends that runs under it. One client that does not read stops the loop, and with it the
// list.
type list[C comparable] struct {
	mu      sync.Mutex // protects members, and is held during a broadcast
	members map[C]struct{}
}

func newList[C comparable]() *list[C] { return &list[C]{members: make(map[C]struct{})} }

func (l *list[C]) join(c C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.members[c] = struct{}{}
	joined.Add(1)
}

func (l *list[C]) leave(c C) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.members, c)
	joined.Add(-1)
}

func (l *list[C]) each(send func(C)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.members {
		send(c)
	}
}
