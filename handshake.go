package sockets

import (
	"fmt"
	"net/http"
	"slices"

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

// check decides before the upgrade whether r may become a connection. It
// returns nil if it may.
func (h *handshake) check(r *http.Request) *refusal {
	switch {
	case r.Method != http.MethodGet:
		return &refusal{http.StatusMethodNotAllowed, errMethod}
	case isPlain(r):
		return &refusal{http.StatusBadRequest, errPlain}
	case !h.origin(r):
		return &refusal{http.StatusForbidden, whyForbidden(r)}
	case !r.ProtoAtLeast(1, 1):
		return &refusal{http.StatusBadRequest, errProtocol}
	case hasBody(r):
		return &refusal{http.StatusBadRequest, errBody}
	}
	return nil
}

// isPlain reports whether r is no attempt at a handshake, such as a page that asks by fetch
// why its handshakes fail. No page can set Sec-WebSocket-Key, so what has one is an attempt.
func isPlain(r *http.Request) bool {
	return !websocket.IsWebSocketUpgrade(r) && r.Header.Get("Sec-Websocket-Key") == ""
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
