package sockets

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/gorilla/websocket"
)

// The buffers that gorilla works with, where the program's Upgrader does not ask for others: enough for a burst of small messages in,
// and for the header of a frame and a small message out. What is larger goes past them uncopied.
const (
	readBufferSize  = 1024
	writeBufferSize = 512
)

// handshake decides on requests and upgrades them. It is compiled from Options once.
type handshake struct {
	origin   func(*http.Request) bool
	upgrader websocket.Upgrader
	// fail is the Error function of the program's Upgrader; nil where it has none.
	fail func(http.ResponseWriter, *http.Request, int, error)
}

func newHandshake(o *Options) handshake {
	h := handshake{origin: newOriginCheck(o.AllowedOrigin).allows}
	if o.Upgrader != nil {
		h.upgrader = *o.Upgrader
		h.upgrader.Subprotocols = slices.Clone(o.Upgrader.Subprotocols)
		h.fail = o.Upgrader.Error
	}
	if h.upgrader.CheckOrigin != nil {
		h.origin = h.upgrader.CheckOrigin
	}
	h.upgrader.CheckOrigin = func(*http.Request) bool { return true }
	h.upgrader.Error = func(http.ResponseWriter, *http.Request, int, error) {} // refuse writes
	return h
}

// refusal is why a request does not become a connection.
type refusal struct {
	status int
	reason error
}

var (
	errMethod   = errors.New("websocket: the method is not GET")
	errOrigin   = errors.New("websocket: the origin is not allowed")
	errProtocol = errors.New("websocket: the request is not HTTP/1.1") // RFC 6455, 4.1
	errShutdown = errors.New("websocket: the server is shutting down")
)

// check decides before the upgrade whether r may become a connection; nil means that it may.
func (h *handshake) check(r *http.Request) *refusal {
	switch {
	case r.Method != http.MethodGet:
		return &refusal{http.StatusMethodNotAllowed, errMethod}
	case !h.origin(r):
		return &refusal{http.StatusForbidden, errOrigin}
	case !r.ProtoAtLeast(1, 1):
		return &refusal{http.StatusBadRequest, errProtocol}
	}
	return nil
}

// refuse writes the response to a request that was refused: that of the program's own Error function, or a short text where there is
// none or it has not written, as written reports. Something has to be written, or Martini runs the next handler.
func (h *handshake) refuse(w http.ResponseWriter, r *http.Request, f *refusal, written func() bool) {
	switch f.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodGet)
	case http.StatusBadRequest:
		w.Header().Set("Sec-WebSocket-Version", "13")
	}
	if h.fail != nil {
		h.fail(w, r, f.status, f.reason)
	}
	if !written() {
		http.Error(w, f.reason.Error(), f.status)
	}
}

// upgrade performs the opening handshake. Where it fails, nothing was hijacked and nothing was written.
func (h *handshake) upgrade(w http.ResponseWriter, r *http.Request, c *config) (*websocket.Conn, *wire, error) {
	u := h.upgrader
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
	// net/http holds on to the two, with 4 KiB each, for as long as the handler runs, but never uses them again. Gorilla takes over
	// what is put in their place.
	*rw.Reader = *bufio.NewReaderSize(h.wire, readBufferSize)
	*rw.Writer = *bufio.NewWriterSize(h.wire, writeBufferSize)
	return h.wire, rw, nil
}

// passedOn returns the headers that earlier middleware has set and that go out with the 101: all but those of the
// handshake itself and of a body, which a 101 has not.
func passedOn(set http.Header) http.Header {
	header := make(http.Header, len(set))
	for name, values := range set {
		switch canonical := http.CanonicalHeaderKey(name); {
		case !isToken(name):
			// net/http leaves it out of a response, too; gorilla would write a line end that is in it.
		case strings.HasPrefix(canonical, "Sec-Websocket-"):
		case canonical == "Connection", canonical == "Upgrade", canonical == "Content-Length",
			canonical == "Content-Type", canonical == "Transfer-Encoding":
		default:
			header[name] = values
		}
	}
	return header
}

// isToken reports whether s can be the name of a header (RFC 9110, 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}
