package serve

import (
	"log"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

func newNBIO(*atomic.Int64) http.Handler {
	u := websocket.NewUpgrader()
	u.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, p []byte) {
		_ = c.WriteMessage(kind, p)
	})
	mux := http.NewServeMux()
	mux.HandleFunc(Echo, func(w http.ResponseWriter, r *http.Request) {
		_, _ = u.Upgrade(w, r, nil)
	})
	return mux
}

// startNBIO starts nbio's own HTTP server, which has no goroutine for a connection: the
// mode that nbio is chosen for. It does not know Options.SendBuffer.
func startNBIO(h http.Handler) (addr net.Addr, err error) {
	logging.SetLevel(logging.LevelNone) // its log goes to stdout, which is the driver's pipe
	engine := nbhttp.NewEngine(nbhttp.Config{
		Network: "tcp",
		Addrs:   []string{"127.0.0.1:0"},
		MaxLoad: 1 << 20,
		// With the default, 32 KiB, it answers a large message in fragments, which no
		// other server does.
		MaxWebsocketFramePayloadSize: MaxMessage,
		Handler:                      h,
		Listen: func(network, address string) (net.Listener, error) {
			l, err := net.Listen(network, address)
			if err == nil {
				addr = l.Addr()
			}
			return l, err
		},
		OnAcceptError: func(err error) { log.Fatal(err) },
	})
	return addr, engine.Start()
}
