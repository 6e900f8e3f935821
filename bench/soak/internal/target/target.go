// Package target is the server that a soak attacks: echoes and rooms on this library, as
// programs write them, on a plain and on a TLS port of the loopback.
package target

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
	"github.com/beatrichartz/martini-sockets/internal/hostile"
	"github.com/beatrichartz/martini-sockets/rooms"
)

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

// Faults break a server on purpose: they show that the soak notices. Zero is a server as
// it should be.
type Faults struct {
	Message func(nth int64) int // how often the nth message is sent; -1 is after the next
	Opened  func()              // called for each connection, and may leak something
	Code    int                 // added to a close code that a client asks for
	Stay    bool                // a client that has left a room is still a member
}

// Target is a running server. Its methods are safe for concurrent use.
type Target struct {
	Plain, Secure *httptest.Server // that of TLS is secure
	faults        Faults
	messages      atomic.Int64 // that it was asked to send back, or to broadcast
	group         sockets.Group
	texts         *rooms.Rooms[string]
	prepared      *rooms.Rooms[*sockets.Prepared]
}

// Start starts a server on free ports. The caller calls Stop.
func Start(f Faults) *Target {
	if f.Message == nil {
		f.Message = func(int64) int { return 1 }
	}
	if f.Opened == nil {
		f.Opened = func() {}
	}
	t := &Target{faults: f, texts: rooms.New[string](nil),
		prepared: rooms.New[*sockets.Prepared](nil)}
	m := serve.Classic()
	t.route(m)
	t.Plain, t.Secure = server(m), server(m)
	t.Plain.Start()
	t.Secure.StartTLS()
	return t
}

func (t *Target) route(r martini.Router) {
	options := sockets.Options{SkipLogging: true, Group: &t.group,
		SocketSendBuffer: 8 << 10} // small, so that clients that do not read stall soon
	deflate, small := options, options
	deflate.Upgrader = &websocket.Upgrader{EnableCompression: true}
	small.MaxMessageSize = hostile.MaxMessageSize
	texts := sockets.Messages(&options)
	r.Get(Text, texts, echo(t, same))
	r.Get(Small, sockets.Messages(&small), echo(t, same))
	r.Get(Deflate, sockets.Messages(&deflate), echo(t, same))
	r.Get(Bytes, sockets.ByteSliceMessages(&options),
		echo(t, func(p []byte) string { return string(p) }))
	r.Get(JSON, sockets.JSON(serve.Message{}, &options),
		echo(t, func(m *serve.Message) string { return m.Text }))
	r.Get(Room+":name", texts,
		room(t, t.texts, func(s string) (string, error) { return s, nil }))
	r.Get(Prepared+":name", texts, room(t, t.prepared, sockets.PrepareText))
}

func server(h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of TLS handshakes that are garbage
	return s
}

// Open is the number of connections whose handler has not returned, and of the rooms that
// have members.
func (t *Target) Open() (connections, inRooms int64) {
	return int64(t.group.Len()), int64(len(t.texts.Names()) + len(t.prepared.Names()))
}

// Stop ends the connections that are left, with 1001, and then the servers. If a handler
// does not end, neither do they.
func (t *Target) Stop(ctx context.Context) error {
	err := t.group.Shutdown(ctx)
	if err == nil {
		t.Plain.Close()
		t.Secure.Close()
	}
	return err
}
