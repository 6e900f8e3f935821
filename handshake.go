package sockets

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/beatrichartz/martini-sockets/internal/frame"
	"github.com/beatrichartz/martini-sockets/internal/offers"
	"github.com/beatrichartz/martini-sockets/internal/wire"
	"github.com/gorilla/websocket"
)

// The buffers of a connection, where the program's Upgrader does not ask for
// others: enough for a burst of small messages in, and for the header of a
// frame and a small message out. What is larger goes past them uncopied, unless
// it is compressed. Both are sizes that the runtime does not round up.
const (
	readBufferSize        = 640
	writeBufferSize       = 288
	compressBufferSize    = 4096
	largestUpgraderBuffer = 64 << 20
	minWriteBufferSize    = 125 // a control frame must not be cut
)

// handshake decides on requests and upgrades them. It is compiled from Options once.
type handshake struct {
	origin   func(*http.Request) bool
	pattern  string // what origin checks, for the log
	upgrader websocket.Upgrader
	// readBuffer and writeBuffer are the sizes of the buffers that take the place of
	// net/http's. Gorilla shares the second, unless the program's Upgrader has its own.
	readBuffer, writeBuffer int
	// fail is the Error function of the program's Upgrader; nil where it has none.
	fail func(http.ResponseWriter, *http.Request, int, error)
}

func newHandshake(o *Options) handshake {
	check := newOriginCheck(o.AllowedOrigin)
	h := handshake{origin: check.allows, pattern: check.pattern}
	if o.Upgrader != nil {
		h.upgrader = *o.Upgrader
		h.upgrader.Subprotocols = slices.Clone(o.Upgrader.Subprotocols)
		h.fail = o.Upgrader.Error
	}
	if h.upgrader.CheckOrigin != nil {
		h.origin, h.pattern = h.upgrader.CheckOrigin, "by Upgrader.CheckOrigin"
	}
	h.upgrader.CheckOrigin = func(*http.Request) bool { return true }
	// refuse writes
	h.upgrader.Error = func(http.ResponseWriter, *http.Request, int, error) {}
	h.sizeBuffers()
	return h
}

// sizeBuffers fills in the sizes that the program's Upgrader leaves open.
func (h *handshake) sizeBuffers() {
	u := &h.upgrader
	checkBuffer("Upgrader.ReadBufferSize", u.ReadBufferSize)
	checkBuffer("Upgrader.WriteBufferSize", u.WriteBufferSize)
	h.readBuffer, h.writeBuffer = u.ReadBufferSize, writeBufferSize
	if h.readBuffer == 0 {
		h.readBuffer = readBufferSize
	}
	if u.EnableCompression {
		h.writeBuffer = compressBufferSize
	}
	u.ReadBufferSize = 0 // gorilla shares the buffer, too, but does not read
	if u.WriteBufferSize > 0 {
		u.WriteBufferSize = max(u.WriteBufferSize, minWriteBufferSize)
	}
}

// checkBuffer panics for a buffer that no connection can want, and that cannot be made.
func checkBuffer(field string, size int) {
	if size > largestUpgraderBuffer {
		misuse(field, size, fmt.Sprintf("must be at most %d", largestUpgraderBuffer))
	}
}

// refusal is why a request does not become a connection.
type refusal struct {
	status int
	reason error
}

var (
	errMethod   = errors.New("websocket: the method is not GET")
	errOrigin   = errors.New("websocket: the origin is not allowed")
	errNoOrigin = errors.New("websocket: the request has no Origin, which only " +
		"browsers send by themselves")
	errPlain = errors.New("websocket: the request is no websocket handshake; open " +
		"this address with a websocket client")
	errProtocol = errors.New("websocket: the request is not HTTP/1.1") // RFC 6455, 4.1
	errShutdown = errors.New("websocket: the server is shutting down")
	errFull     = errors.New("websocket: the server has as many connections as it takes")
)

// check decides before the upgrade whether r may become a connection; nil means
// that it may.
func (h *handshake) check(r *http.Request) *refusal {
	switch {
	case r.Method != http.MethodGet:
		return &refusal{http.StatusMethodNotAllowed, errMethod}
	case h.origin(r):
	case !websocket.IsWebSocketUpgrade(r):
		return &refusal{http.StatusForbidden, errPlain}
	case len(r.Header["Origin"]) == 0:
		return &refusal{http.StatusForbidden, errNoOrigin}
	default:
		return &refusal{http.StatusForbidden, errOrigin}
	}
	if !r.ProtoAtLeast(1, 1) {
		return &refusal{http.StatusBadRequest, errProtocol}
	}
	return nil
}

// refuse writes the response to a request that was refused: that of the program's
// own Error function, or a short text if there is none or it has not written.
func (h *handshake) refuse(w http.ResponseWriter, r *http.Request, f *refusal) {
	switch f.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodGet)
	case http.StatusBadRequest:
		w.Header().Set("Sec-WebSocket-Version", "13")
	}
	if h.fail == nil {
		http.Error(w, f.reason.Error(), f.status)
		return
	}
	noted := &notedResponse{ResponseWriter: w}
	h.fail(noted, r, f.status, f.reason)
	if !noted.written {
		http.Error(w, f.reason.Error(), f.status)
	}
}

// notedResponse notes whether anything was written.
type notedResponse struct {
	http.ResponseWriter
	written bool
}

func (w *notedResponse) WriteHeader(status int) {
	w.written = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *notedResponse) Write(p []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (w *notedResponse) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// upgrade is what an opening handshake gives. During the handshake it is the
// ResponseWriter that gorilla sees.
type upgrade struct {
	http.ResponseWriter
	config     *config
	ws         *websocket.Conn
	wire       *wire.Conn
	remote     string // the peer's address, as the request has it
	in         *bufio.Reader
	compressed bool // permessage-deflate was agreed on
}

// upgrade performs the opening handshake. If it fails, nothing was hijacked or written.
func (h *handshake) upgrade(
	w http.ResponseWriter, r *http.Request, c *config,
) (*upgrade, error) {
	up := &upgrade{ResponseWriter: w, config: c, remote: r.RemoteAddr}
	if h.upgrader.EnableCompression {
		r, up.compressed = offers.Servable(r)
	}
	ws, err := h.upgrader.Upgrade(up, r, passedOn(w.Header()))
	if err != nil {
		return nil, err
	}
	up.ws, up.ResponseWriter = ws, nil
	up.wire.Upgraded()
	return up, nil
}

// Hijack is called by gorilla, at most once; it hands out the wire in the place
// of the network connection. When it has succeeded the upgrade cannot fail any
// more: Martini would go on with the next handlers, because nothing can be
// written to say that the request is served. So what a hasty client has sent
// after its request is kept, where gorilla would drop the connection, and a
// response that cannot be written fails no upgrade.
func (up *upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	// The controller finds the Hijacker behind writers that only Unwrap.
	conn, rw, err := http.NewResponseController(up.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	up.wire = wire.New(conn, up.config.pongWait, up.config.writeWait)
	if n := rw.Reader.Buffered(); n > 0 {
		up.wire.Early = make([]byte, n)
		rw.Reader.Read(up.wire.Early)
	}
	// net/http holds on to its buffers, 4 KiB each, for as long as the handler
	// runs, and never uses them again.
	*rw.Reader = *frame.NewBuffer(up.wire, up.config.handshake.readBuffer)
	*rw.Writer = *bufio.NewWriterSize(up.wire, up.config.handshake.writeBuffer)
	up.in = rw.Reader
	return up.wire, rw, nil
}

// passedOn returns the headers that earlier middleware has set and that go out with
// the 101: all but those of the handshake itself and of a body, which a 101 has not.
func passedOn(set http.Header) http.Header {
	if len(set) == 0 {
		return nil
	}
	header := make(http.Header, len(set))
	for name, values := range set {
		switch canonical := http.CanonicalHeaderKey(name); {
		case !isToken(name):
			// net/http leaves it out of a response, too; gorilla would write a
			// line end that is in it.
		case strings.HasPrefix(canonical, "Sec-Websocket-"):
		case canonical == "Connection", canonical == "Upgrade",
			canonical == "Content-Length",
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
