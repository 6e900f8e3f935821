package sockets

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/beatrichartz/martini-sockets/internal/frame"
	"github.com/beatrichartz/martini-sockets/internal/offers"
	"github.com/beatrichartz/martini-sockets/internal/wire"
	"github.com/gorilla/websocket"
)

// upgrade is the result of an opening handshake. During the handshake gorilla
// sees it as the ResponseWriter.
type upgrade struct {
	http.ResponseWriter
	config     *config
	ws         *websocket.Conn
	wire       *wire.Conn
	source     source
	in         *bufio.Reader
	compressed bool // permessage-deflate was agreed on

	notHijacked error // why Hijack failed
}

// upgrade performs the opening handshake. If it fails, the connection was not
// hijacked and nothing was written.
func (h *handshake) upgrade(
	w http.ResponseWriter, r *http.Request, c *config,
) (*upgrade, *refusal) {
	up := &upgrade{ResponseWriter: w, config: c, source: newSource(r)}
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
