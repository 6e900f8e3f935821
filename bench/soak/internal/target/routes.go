package target

import (
	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"

	sockets "github.com/beatrichartz/martini-sockets"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// The paths of the server. A path of a room ends with its name.
const (
	Text     = "/text"
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

// MaxMessage is the largest message that the server takes: the library's default.
const MaxMessage = 64 << 10

func (t *Target) route(r martini.Router) {
	options := sockets.Options{SkipLogging: true, Group: &t.group}
	deflate := options
	deflate.Upgrader = &websocket.Upgrader{EnableCompression: true}
	texts := sockets.Messages(&options)
	r.Any(Text, texts, echo(t, func(s string) string { return s }))
	r.Get(Deflate, sockets.Messages(&deflate), echo(t, func(s string) string { return s }))
	r.Get(Bytes, sockets.ByteSliceMessages(&options),
		echo(t, func(p []byte) string { return string(p) }))
	r.Get(JSON, sockets.JSON(Note{}, &options), echo(t, func(n *Note) string { return n.Text }))
	r.Get(Room+":name", texts,
		room(t, t.texts, func(s string) (string, error) { return s, nil }))
	r.Get(Prepared+":name", texts, room(t, t.prepared, serve.PrepareText))
}
