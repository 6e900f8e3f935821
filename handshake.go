package sockets

import (
	"bufio"
	"net"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// The buffers that gorilla works with. net/http allocates a reader of 4 KiB for every connection and keeps it, so reading
// takes that over. The writer that comes with a hijacked connection is new, and gorilla needs of it no more than the header
// of a frame and the small message behind it: what is larger is passed on to the wire's batch uncopied.
const writeBufferSize = 512

// handshake decides on requests and upgrades them. It is compiled from Options once.
type handshake struct {
	origin   func(*http.Request) bool
	upgrader websocket.Upgrader
}

func newHandshake(o *Options) handshake {
	h := handshake{origin: newOriginCheck(o.AllowedOrigin).allows}
	if o.Upgrader != nil {
		h.upgrader = *o.Upgrader
	}
	if h.upgrader.CheckOrigin != nil {
		h.origin = h.upgrader.CheckOrigin
	}
	h.upgrader.CheckOrigin = func(*http.Request) bool { return true }
	return h
}

// refusal is a response of the library to a request that does not become a connection.
type refusal struct {
	status int
	reason string
}

func (f refusal) write(w http.ResponseWriter) {
	h := w.Header()
	switch f.status {
	case http.StatusMethodNotAllowed:
		h.Set("Allow", http.MethodGet)
	case http.StatusBadRequest:
		h.Set("Sec-WebSocket-Version", "13")
	}
	http.Error(w, f.reason, f.status)
}

// check decides before the upgrade whether r may become a connection; nil means that it may.
func (h *handshake) check(r *http.Request) *refusal {
	if r.Method != http.MethodGet {
		return &refusal{http.StatusMethodNotAllowed, "websocket: the method is not GET"}
	}
	if !h.origin(r) {
		return &refusal{http.StatusForbidden, "websocket: the origin is not allowed"}
	}
	return nil
}

// upgrade performs the opening handshake. Where it fails, nothing was hijacked, and the response is written, unless
// the Upgrader's own Error function does not write one.
func (h *handshake) upgrade(w http.ResponseWriter, r *http.Request, c *config) (*websocket.Conn, *wire, error) {
	u := h.upgrader
	if u.Error == nil {
		u.Error = func(w http.ResponseWriter, _ *http.Request, _ int, reason error) {
			refusal{http.StatusBadRequest, reason.Error()}.write(w)
		}
	}
	if u.EnableCompression {
		r = withServableOffers(r)
	}
	hijack := &hijacker{ResponseWriter: w, config: c}
	ws, err := u.Upgrade(hijack, r, passedOn(w.Header()))
	return ws, hijack.wire, err
}

// hijacker hands gorilla the wire in the place of the network connection.
type hijacker struct {
	http.ResponseWriter
	config *config
	wire   *wire
}

// Hijack is called by gorilla, at most once. When it has succeeded the upgrade cannot fail any more: Martini would go on with
// the next handlers, because nothing can be written to say that the request is served. So frames that a hasty client has sent behind
// its request are kept for the wire, where gorilla would drop the connection, and the wire reports a 101 that cannot be written later.
func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	// The controller finds the Hijacker behind writers that only Unwrap.
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	early := make([]byte, rw.Reader.Buffered())
	rw.Reader.Read(early)
	h.wire = newWire(conn, early, h.config)
	rw.Reader.Reset(h.wire)
	return h.wire, bufio.NewReadWriter(rw.Reader, bufio.NewWriterSize(conn, writeBufferSize)), nil
}

// passedOn returns the headers that earlier middleware has set and that go out with the 101: all but those of the
// handshake itself and of a body, which a 101 has not.
func passedOn(set http.Header) http.Header {
	header := make(http.Header, len(set))
	for name, values := range set {
		switch canonical := http.CanonicalHeaderKey(name); {
		case strings.HasPrefix(canonical, "Sec-Websocket-"):
		case canonical == "Connection", canonical == "Upgrade", canonical == "Content-Length",
			canonical == "Content-Type", canonical == "Transfer-Encoding":
		default:
			header[name] = values
		}
	}
	return header
}
