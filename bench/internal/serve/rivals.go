package serve

import (
	"log"
	"net"
	"net/http"

	coder "github.com/coder/websocket"
	"github.com/lesismal/nbio/logging"
	"github.com/lesismal/nbio/nbhttp"
	nbio "github.com/lesismal/nbio/nbhttp/websocket"
	"github.com/lxzan/gws"
	"github.com/olahol/melody"
)

// newCoder echoes with coder/websocket, in the goroutine of net/http.
func newCoder() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := coder.Accept(w, r, nil)
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
}

// newMelody makes one melody for each path, with its default configuration, except that
// it takes messages of more than 512 bytes.
func newMelody() http.Handler {
	mux := http.NewServeMux()
	handle := func(path string, got func(*melody.Melody, *melody.Session, []byte)) {
		m := melody.New()
		m.Config.MaxMessageSize = MaxMessage
		m.HandleConnect(func(*melody.Session) { joined.Add(1) })
		m.HandleDisconnect(func(*melody.Session) { joined.Add(-1) })
		m.HandleMessage(func(s *melody.Session, p []byte) { got(m, s, p) })
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			_ = m.HandleRequest(w, r)
		})
	}
	handle(Echo, func(_ *melody.Melody, s *melody.Session, p []byte) { _ = s.Write(p) })
	handle(Fan, func(m *melody.Melody, _ *melody.Session, p []byte) { _ = m.Broadcast(p) })
	return mux
}

// newGWS reads in a goroutine of its own, as its README advises: that of net/http would
// keep the request in memory.
func newGWS() http.Handler {
	mux := http.NewServeMux()
	all := newList[*gws.Conn]()
	for path, h := range map[string]gws.Event{Echo: &gwsEcho{}, Fan: &gwsFan{all: all}} {
		u := gws.NewUpgrader(h, nil)
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if c, err := u.Upgrade(w, r); err == nil {
				go c.ReadLoop()
			}
		})
	}
	return mux
}

type gwsEcho struct{ gws.BuiltinEventHandler }

func (*gwsEcho) OnMessage(c *gws.Conn, m *gws.Message) {
	defer m.Close()
	_ = c.WriteMessage(m.Opcode, m.Bytes())
}

// gwsFan broadcasts with gws's own Broadcaster: framed once, written by a goroutine for
// each connection that is behind.
type gwsFan struct {
	gws.BuiltinEventHandler
	all *list[*gws.Conn]
}

func (f *gwsFan) OnOpen(c *gws.Conn)           { f.all.join(c) }
func (f *gwsFan) OnClose(c *gws.Conn, _ error) { f.all.leave(c) }

func (f *gwsFan) OnMessage(_ *gws.Conn, m *gws.Message) {
	defer m.Close()
	b := gws.NewBroadcaster(m.Opcode, m.Bytes())
	defer b.Close()
	f.all.each(func(to *gws.Conn) { _ = b.Broadcast(to) })
}

// startNBIO starts nbio's own HTTP server, which has no goroutine for a connection: the
// mode that nbio is chosen for. With its default, 32 KiB, it would answer a large message
// in fragments, which no other server does.
func startNBIO(l net.Listener) error {
	logging.SetLevel(logging.LevelNone) // its log goes to stdout, which is the driver's pipe
	u := nbio.NewUpgrader()
	u.OnMessage(func(c *nbio.Conn, kind nbio.MessageType, p []byte) {
		_ = c.WriteMessage(kind, p)
	})
	return nbhttp.NewEngine(nbhttp.Config{
		Network: "tcp", Addrs: []string{l.Addr().String()},
		Listen:  func(string, string) (net.Listener, error) { return l, nil },
		MaxLoad: 1 << 20, MaxWebsocketFramePayloadSize: MaxMessage,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = u.Upgrade(w, r, nil)
		}),
		OnAcceptError: func(err error) { log.Fatal(err) },
	}).Start()
}
