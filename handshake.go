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

// The buffers of a connection, unless the program's Upgrader asks for other sizes. The
// read buffer is enough for a burst of small messages; the write buffer holds a frame
// header and a small message. Larger messages bypass them without a copy, unless they
// are compressed. The runtime allocates exactly these two sizes, without rounding up.
const (
	readBufferSize        = 512
	writeBufferSize       = 288
	compressBufferSize    = 4096
	largestUpgraderBuffer = 64 << 20
	minWriteBufferSize    = 125 // a control frame must fit in whole
)

// handshake checks requests and upgrades them. It is compiled from Options once.
type handshake struct {
	origin   func(*http.Request) bool
	pattern  string // what origin checks, for the log
	upgrader websocket.Upgrader
	// readBuffer and writeBuffer are the sizes of the buffers that replace net/http's.
	// Gorilla shares the write buffer, unless the program's Upgrader has its own.
	readBuffer, writeBuffer int
	// fail is the Error function of the program's Upgrader, or nil.
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
	// Gorilla must not write a response: handshake.refuse does.
	h.upgrader.Error = func(http.ResponseWriter, *http.Request, int, error) {}
	h.sizeBuffers()
	return h
}

// sizeBuffers fills in the sizes that the program's Upgrader leaves at zero.
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
	u.ReadBufferSize = 0 // gorilla shares this buffer too, but never reads
	if u.WriteBufferSize > 0 {
		u.WriteBufferSize = max(u.WriteBufferSize, minWriteBufferSize)
	}
}

// checkBuffer panics if a buffer is so large that it cannot be made, and that
// no connection can need.
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
	errBody     = errors.New("websocket: the request announces a body")
	errShutdown = errors.New("websocket: the server is shutting down")
	errFull     = errors.New("websocket: the server has as many connections as it takes")
)

// check decides before the upgrade whether r may become a connection. It
// returns nil if it may.
func (h *handshake) check(r *http.Request) *refusal {
	switch {
	case r.Method != http.MethodGet:
		return &refusal{http.StatusMethodNotAllowed, errMethod}
	case !h.origin(r):
		return &refusal{http.StatusForbidden, whyForbidden(r)}
	case !r.ProtoAtLeast(1, 1):
		return &refusal{http.StatusBadRequest, errProtocol}
	case hasBody(r):
		return &refusal{http.StatusBadRequest, errBody}
	}
	return nil
}

// hasBody reports whether r announces a body (RFC 9112, 6). A handshake has none, and
// net/http would read one from the stream of frames whenever a handler asks for a form
// value. Middleware may have replaced the body and its length, so hasBody looks at
// everything that announces one.
func hasBody(r *http.Request) bool {
	length := r.Header.Get("Content-Length")
	return r.ContentLength != 0 || len(r.TransferEncoding) > 0 ||
		length != "" && length != "0"
}

// dropBody takes the body from a request that has become a connection: middleware may
// have wrapped the empty one in something that acts on net/http's connection.
func dropBody(r *http.Request) {
	if r.Body != http.NoBody {
		r.Body = http.NoBody
	}
}

// whyForbidden tells the client what may be wrong with its origin.
func whyForbidden(r *http.Request) error {
	switch {
	case !websocket.IsWebSocketUpgrade(r):
		return errPlain
	case len(r.Header["Origin"]) == 0:
		return errNoOrigin
	}
	return errOrigin
}

// level returns the level at which the refusal is logged (contract 6).
func (f *refusal) level() level {
	if f.status == http.StatusInternalServerError {
		return LogLevelError
	}
	return LogLevelWarning
}

// refuse writes the response to a request that was refused. The program's own
// Error function writes it, if it has one. If that writes nothing, refuse
// writes a short text.
func (h *handshake) refuse(w http.ResponseWriter, r *http.Request, f *refusal) {
	switch f.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodGet)
	case http.StatusBadRequest:
		w.Header().Set("Sec-WebSocket-Version", "13")
	}
	if f.reason == errBody {
		// Otherwise net/http waits for the body before it sends the response.
		w.Header().Set("Connection", "close")
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

// notedResponse records whether anything was written.
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

// upgrade is the result of an opening handshake. During the handshake gorilla
// sees it as the ResponseWriter.
type upgrade struct {
	http.ResponseWriter
	config     *config
	ws         *websocket.Conn
	wire       *wire.Conn
	remote     string // the peer's address, as the request has it
	path       string // of the request
	in         *bufio.Reader
	compressed bool // permessage-deflate was agreed on

	notHijacked error // why Hijack failed
}

// upgrade performs the opening handshake. If it fails, the connection was not
// hijacked and nothing was written.
func (h *handshake) upgrade(
	w http.ResponseWriter, r *http.Request, c *config,
) (*upgrade, *refusal) {
	up := &upgrade{ResponseWriter: w, config: c, remote: r.RemoteAddr,
		path: r.URL.Path}
	if h.upgrader.EnableCompression {
		r, up.compressed = offers.Servable(r)
	}
	r = withOneList(r, "Sec-Websocket-Protocol")
	ws, err := h.upgrader.Upgrade(up, r, passedOn(w.Header()))
	switch {
	case up.notHijacked != nil:
		return nil, &refusal{http.StatusInternalServerError, up.notHijacked}
	case err != nil && proxied(r):
		err = fmt.Errorf("%w; a proxy has removed it: let it pass Upgrade and Connection",
			err)
		fallthrough
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, err}
	}
	up.ws, up.ResponseWriter = ws, nil
	up.wire.Upgraded()
	return up, nil
}

// withOneList joins several headers of a name to one, which means the same (RFC 9110,
// 5.3, and RFC 6455, 11.3.4). Gorilla reads only the first.
func withOneList(r *http.Request, name string) *http.Request {
	if len(r.Header[name]) < 2 {
		return r
	}
	c := *r
	c.Header = r.Header.Clone()
	c.Header.Set(name, strings.Join(r.Header[name], ","))
	return &c
}

// proxied reports whether a proxy seems to have removed Upgrade or Connection. These
// headers belong to one network connection: a proxy passes them on only if told to.
func proxied(r *http.Request) bool {
	return r.Header.Get("Sec-Websocket-Key") != "" &&
		(r.Header.Get("Upgrade") == "" || r.Header.Get("Connection") == "")
}

// Hijack gives gorilla the wire instead of the network connection. Gorilla
// calls it at most once.
//
// After a successful Hijack the upgrade must not fail: no response could be
// written, so Martini would run the next handlers. So Hijack keeps bytes that a
// client sent right after its request, because gorilla would fail. And the wire
// reports no error if the response cannot be written.
func (up *upgrade) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := hijack(up.ResponseWriter)
	if err != nil {
		up.notHijacked = fmt.Errorf("websocket: the ResponseWriter cannot be hijacked, "+
			"as inside http.TimeoutHandler: %w", err)
		return nil, nil, err
	}
	up.wire = wire.New(conn, up.config.writeWait)
	if size := up.config.socketBuffer; size > 0 {
		up.wire.SetWriteBuffer(size)
	}
	if n := rw.Reader.Buffered(); n > 0 {
		up.wire.Early = make([]byte, n)
		rw.Reader.Read(up.wire.Early)
	}
	// While the handler runs, net/http keeps its two buffers of 4 KiB. Others may hold
	// them, so the connection gets buffers of its own, and those become small and dead.
	*rw.Reader = *bufio.NewReaderSize(hijacked{}, 0)
	*rw.Writer = *bufio.NewWriterSize(hijacked{}, 1)
	up.in = frame.NewBuffer(up.wire, up.config.handshake.readBuffer)
	out := bufio.NewWriterSize(up.wire, up.config.handshake.writeBuffer)
	return up.wire, bufio.NewReadWriter(up.in, out), nil
}

// hijacked is the connection that net/http's buffers have after Hijack: none.
type hijacked struct{}

func (hijacked) Read([]byte) (int, error)  { return 0, http.ErrHijacked }
func (hijacked) Write([]byte) (int, error) { return 0, http.ErrHijacked }

// passedOn returns the headers of earlier middleware that go out with the 101.
// It leaves out the handshake's own headers, and those of a body, because a 101
// has no body.
func passedOn(set http.Header) http.Header {
	if len(set) == 0 {
		return nil
	}
	header := make(http.Header, len(set))
	for name, values := range set {
		switch canonical := http.CanonicalHeaderKey(name); {
		case !isToken(name):
			// net/http also leaves out such a name. Gorilla would write it, with
			// a line end that it may contain.
		case strings.HasPrefix(canonical, "Sec-Websocket-"):
		case canonical == "Connection", canonical == "Upgrade",
			canonical == "Content-Length", canonical == "Content-Type",
			canonical == "Transfer-Encoding":
		default:
			header[name] = values
		}
	}
	return header
}

// isToken reports whether s can be a header's name (RFC 9110, 5.6.2).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c <= ' ' || c >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, c)
	})
}
