package serve

import (
	"net/http"
	"sync/atomic"

	"github.com/lxzan/gws"
)

// newGWS reads in a goroutine of its own, as its README advises: that of net/http would
// keep the request in memory.
func newGWS(joined *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	handle := func(path string, h gws.Event) {
		u := gws.NewUpgrader(h, nil)
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if c, err := u.Upgrade(w, r); err == nil {
				go c.ReadLoop()
			}
		})
	}
	handle(Echo, &gwsEcho{})
	handle(Fan, &gwsFan{all: newList[*gws.Conn](joined)})
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
