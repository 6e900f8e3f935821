// Package serve holds the servers that are compared: this library, a raw loop on gorilla,
// the same inside Martini, and four other libraries. Each is the code that a user of it
// would write, and each runs in a process of its own.
package serve

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"net"
	"net/http"
	"sync/atomic"
)

// The paths of a server. Not every server has all of them.
const (
	Echo       = "/echo"       // text frames come back
	Compressed = "/compressed" // the same, compressed in both directions
	JSON       = "/json"       // a Message comes back, decoded and encoded again
	Fan        = "/fan"        // a text frame from one client goes to all of them
	FanJSON    = "/fanjson"    // the same for a Message
	Prepared   = "/prepared"   // the same for a text frame that is framed once
	Room       = "/room"       // as Fan, through package rooms
	RoomJSON   = "/roomjson"   // as FanJSON, encoded once, through package rooms
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

// kinds makes the handler of each server.
var kinds = map[string]func() http.Handler{
	"sockets":                newSockets,
	"sockets on martini.New": newBare,
	"sockets on net/http":    newHandlers,
	"gorilla":                newGorilla,
	"gorilla in Martini":     newClassic,
	"melody":                 newMelody,
	"coder/websocket":        newCoder,
	"lxzan/gws":              newGWS,
	"lesismal/nbio":          newNBIO,
}

// Knows reports whether there is a server of that name.
func Knows(kind string) bool { return kinds[kind] != nil }

// Options are what the driver asks of a server.
type Options struct {
	Kind         string
	SmallBuffers bool // see the function
}

// start serves on a free port of the loopback until the process ends.
func start(o Options) (net.Addr, error) {
	newHandler := kinds[o.Kind]
	if newHandler == nil {
		return nil, fmt.Errorf("serve: no server %q", o.Kind)
	}
	if o.Kind == "lesismal/nbio" {
		return startNBIO(newHandler())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := http.Server{Handler: newHandler()}
	if o.SmallBuffers {
		server.ConnContext = SmallBuffers
	}
	go func() { log.Fatal(server.Serve(l)) }()
	return l.Addr(), nil
}

// SmallBuffers is an http.Server.ConnContext that gives every connection a send buffer of
// 8 KiB in the kernel. With the megabytes that Linux lends on a loopback, a client that
// does not read would stop a writer or fill a backlog only after thousands of messages.
// With this, it does after dozens.
func SmallBuffers(ctx context.Context, c net.Conn) context.Context {
	_ = TCP(c).SetWriteBuffer(8 << 10) // fails if the client has gone
	return ctx
}

// TCP is the TCP connection beneath one that may be TLS.
func TCP(c net.Conn) *net.TCPConn {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return c.(*net.TCPConn)
}
