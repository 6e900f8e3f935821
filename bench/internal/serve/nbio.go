package serve

import (
	"net"
	"net/http"
	"sync/atomic"

	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	"github.com/lesismal/nbio/nbhttp/websocket"
)

// startNBIO starts nbio's own HTTP server, which has no goroutine for a connection: the
// mode that nbio is chosen for. It does not know Options.SendBuffer.
func startNBIO(_ Options, _ *atomic.Int64, failed chan<- error) (net.Addr, error) {
	logging.SetLevel(logging.LevelNone) // its log goes to stdout, which is the driver's pipe
	mux := http.NewServeMux()
	mux.HandleFunc(Echo, nbioEcho())
	var addr net.Addr
	engine := nbhttp.NewEngine(nbhttp.Config{
		Network: "tcp",
		Addrs:   []string{free},
		MaxLoad: 1 << 20,
		// With the default, 32 KiB, it answers a large message in fragments, which no
		// other server does.
		MaxWebsocketFramePayloadSize: MaxMessage,
		Handler:                      mux,
		Listen: func(network, address string) (net.Listener, error) {
			l, err := net.Listen(network, address)
			if err == nil {
				addr = l.Addr()
			}
			return l, err
		},
		OnAcceptError: func(err error) { failed <- err },
	})
	if err := engine.Start(); err != nil {
		return nil, err
	}
	return addr, nil
}

func nbioEcho() http.HandlerFunc {
	u := websocket.NewUpgrader()
	u.OnMessage(func(c *websocket.Conn, kind websocket.MessageType, p []byte) {
		_ = c.WriteMessage(kind, p)
	})
	return func(w http.ResponseWriter, r *http.Request) { _, _ = u.Upgrade(w, r, nil) }
}
