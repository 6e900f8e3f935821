// Package serve holds the servers that are compared: this library, a raw loop on gorilla,
// the same inside Martini, and four other libraries. Each is the code that a user of it
// would write, and each runs in a process of its own.
package serve

import (
	"context"
	"log"
	"net"
	"net/http"
	"sync/atomic"
)

// The paths of a server. Not every server has all of them.
const (
	Echo = "/echo" // text frames come back
	JSON = "/json" // a Message comes back, decoded and encoded again
	Fan  = "/fan"  // a text frame from one client goes to all of them
	Room = "/room" // the same through package rooms
)

// MaxMessage is the size of messages that every server accepts: the default of sockets.
const MaxMessage = 64 << 10

// Message is what the JSON scenarios send.
type Message struct {
	From string `json:"from"`
	Text string `json:"text"`
	Seq  int    `json:"seq"`
}

// joined counts the clients that the next broadcast reaches. A process is one server.
var joined atomic.Int64

// kinds makes the handler of each server but nbio, which has an HTTP server of its own.
var kinds = map[string]func() http.Handler{
	"sockets":                newSockets,
	"sockets on martini.New": newBare,
	"sockets on net/http":    newHandlers,
	"gorilla":                newGorilla,
	"gorilla in Martini":     newClassic,
	"melody":                 newMelody,
	"coder/websocket":        newCoder,
	"lxzan/gws":              newGWS,
}

// start serves on a free port of the loopback until the process ends. With smallBuffers,
// which nbio ignores, every connection has a send buffer of 8 KiB in the kernel. Linux
// lends megabytes on a loopback: a client that does not read would stop a writer or fill
// a backlog only after thousands of messages.
func start(kind string, smallBuffers bool) (net.Addr, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	if kind == "lesismal/nbio" {
		return l.Addr(), startNBIO(l)
	}
	server := http.Server{Handler: kinds[kind]()}
	if smallBuffers {
		server.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
			_ = c.(*net.TCPConn).SetWriteBuffer(8 << 10) // fails if the client has gone
			return ctx
		}
	}
	go func() { log.Fatal(server.Serve(l)) }()
	return l.Addr(), nil
}
