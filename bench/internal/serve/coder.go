package serve

import (
	"net/http"
	"sync/atomic"

	"github.com/coder/websocket"
)

// newCoder echoes with coder/websocket, in the goroutine of net/http.
func newCoder(*atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(Echo, func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer c.CloseNow()
		c.SetReadLimit(MaxMessage)
		for {
			kind, p, err := c.Read(r.Context())
			if err != nil || c.Write(r.Context(), kind, p) != nil {
				return
			}
		}
	})
	return mux
}
