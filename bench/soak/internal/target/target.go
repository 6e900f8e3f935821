// Package target is the server that a soak attacks: echoes and rooms on this library, as
// programs write them, on a plain and on a TLS port of the loopback.
package target

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
	"github.com/beatrichartz/martini-sockets/internal/hostile"
	"github.com/beatrichartz/martini-sockets/rooms"
)

// HeaderWait is how long a client may take for its handshake, that of TLS included. On a
// busy machine a good one may need longer.
const HeaderWait = 10 * time.Second

// MaxMessage is the largest message that the server takes: the library's default.
const MaxMessage = 64 << 10

// The paths of the server. A path of a room ends with its name.
const (
	Text     = "/text"
	Small    = "/small" // the same, with the limit of package hostile
	Bytes    = "/bytes"
	JSON     = "/json"
	Deflate  = "/deflate" // texts, compressed
	Room     = "/room/"
	Prepared = "/prepared/" // the same as Room, with messages that are encoded once
)

// Note is the message of JSON.
type Note struct {
	Text string `json:"text"`
}

// Faults break a server on purpose: they show that the soak notices. Zero is a server as
// it should be.
type Faults struct {
	Message func(nth int64) int // how often the nth message is sent; Late is after the next
	Opened  func()              // called for each connection, and may leak something
}

// Late is one more than any number that Faults.Message may return.
const Late = 3

// Target is a running server. Its methods are safe for concurrent use.
type Target struct {
	faults        Faults
	messages      atomic.Int64 // that it was asked to send back, or to broadcast
	group         sockets.Group
	texts         *rooms.Rooms[string]
	prepared      *rooms.Rooms[*sockets.Prepared]
	plain, secure *httptest.Server
}

// Start starts a server on free ports. The caller calls Stop.
func Start(f Faults) *Target {
	t := &Target{faults: f, texts: rooms.New[string](nil),
		prepared: rooms.New[*sockets.Prepared](nil)}
	m, r := martini.New(), martini.NewRouter()
	m.Map(log.New(io.Discard, "", 0))
	m.Use(martini.Recovery())
	m.MapTo(r, (*martini.Routes)(nil))
	m.Action(r.Handle)
	t.route(r)
	t.plain, t.secure = server(m), server(m)
	t.plain.Start()
	t.secure.StartTLS()
	return t
}

func (t *Target) route(r martini.Router) {
	options := sockets.Options{SkipLogging: true, Group: &t.group}
	deflate, small := options, options
	deflate.Upgrader = &websocket.Upgrader{EnableCompression: true}
	small.MaxMessageSize = hostile.MaxMessageSize
	texts := sockets.Messages(&options)
	text := func(s string) string { return s }
	r.Get(Text, texts, echo(t, text))
	r.Get(Small, sockets.Messages(&small), echo(t, text))
	r.Get(Deflate, sockets.Messages(&deflate), echo(t, text))
	r.Get(Bytes, sockets.ByteSliceMessages(&options), echo(t, func(p []byte) string {
		return string(p)
	}))
	r.Get(JSON, sockets.JSON(Note{}, &options), echo(t, func(n *Note) string { return n.Text }))
	r.Get(Room+":name", texts,
		room(t, t.texts, func(s string) (string, error) { return s, nil }))
	r.Get(Prepared+":name", texts, room(t, t.prepared, sockets.PrepareText))
}

func server(h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnContext = serve.SendBuffer(8 << 10)
	s.Config.ReadHeaderTimeout = HeaderWait
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of TLS handshakes that are garbage
	return s
}

// Address is where clients connect to; with secure, by TLS.
func (t *Target) Address(secure bool) string {
	if secure {
		return t.secure.Listener.Addr().String()
	}
	return t.plain.Listener.Addr().String()
}

// TLS is what a client needs to trust the server.
func (t *Target) TLS() *tls.Config {
	c := t.secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	c.ServerName = "127.0.0.1"
	return c
}

// Open is the number of connections whose handler has not returned, and of the rooms that
// have members.
func (t *Target) Open() (connections, inRooms int) {
	return t.group.Len(), len(t.texts.Names()) + len(t.prepared.Names())
}

// Stop ends the connections that are left, with 1001, and then the servers.
func (t *Target) Stop(ctx context.Context) error {
	err := t.group.Shutdown(ctx)
	for _, s := range []*httptest.Server{t.plain, t.secure} {
		s.CloseClientConnections() // those in their handshake
		err = cmp.Or(err, s.Config.Shutdown(ctx))
		s.Close()
	}
	return err
}
