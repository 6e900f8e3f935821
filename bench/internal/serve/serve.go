// Package serve holds the servers that are compared: this library, a raw loop on gorilla,
// the same inside Martini, and four other libraries. Each is the code that a user of it
// would write, and each runs in a process of its own.
package serve

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
)

// The paths of a server. Not every server has all of them.
const (
	Echo         = "/echo"         // text frames come back
	Compressed   = "/compressed"   // the same, compressed in both directions
	JSON         = "/json"         // a Message comes back, decoded and encoded again
	Fan          = "/fan"          // a text frame from one client goes to all of them
	FanJSON      = "/fanjson"      // the same for a Message
	Prepared     = "/prepared"     // the same for a text frame that is framed once
	PreparedJSON = "/preparedjson" // the same for a Message that is encoded and framed once
	Room         = "/room"         // as Fan, through package rooms
	RoomJSON     = "/roomjson"     // as PreparedJSON, through package rooms
)

// MaxMessage is the size of messages that every server accepts: the default of sockets.
const MaxMessage = 64 << 10

// Message is what the JSON scenarios send.
type Message struct {
	From string `json:"from"`
	Text string `json:"text"`
	Seq  int    `json:"seq"`
}

// starter starts a server on a free port and returns its address. joined counts the
// clients that the next broadcast reaches; what ends the server goes to failed.
type starter func(o Options, joined *atomic.Int64, failed chan<- error) (net.Addr, error)

// kinds starts each server.
var kinds = map[string]starter{
	"sockets": onHTTP(newSockets),
	"bare":    onHTTP(newBare),
	"gorilla": onHTTP(newGorilla),
	"classic": onHTTP(newClassic),
	"melody":  onHTTP(newMelody),
	"coder":   onHTTP(newCoder),
	"gws":     onHTTP(newGWS),
	"nbio":    startNBIO,
}

// Kinds returns the names of the servers, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// Options are what the driver asks of a server.
type Options struct {
	Kind       string
	SendBuffer int  // of every connection, in the kernel; zero leaves it to the kernel
	Profile    bool // serve net/http/pprof on the control address
}

// Run serves until parent ends, which is the driver's end of a pipe: a server cannot
// outlive the driver, however that dies. It writes one line to out: the address of the
// server and that of its control.
func Run(o Options, parent io.Reader, out io.Writer) error {
	start, ok := kinds[o.Kind]
	if !ok {
		return fmt.Errorf("serve: no server %q, there are %q", o.Kind, Kinds())
	}
	joined := new(atomic.Int64)
	failed := make(chan error, 3)
	data, err := start(o, joined, failed)
	if err != nil {
		return err
	}
	control, err := listen(newControl(joined, o.Profile), 0, failed)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(out, data, control); err != nil {
		return err
	}
	go func() { // ends with the process, which does not outlive Run
		_, err := io.Copy(io.Discard, parent)
		failed <- err
	}()
	return <-failed
}

// onHTTP starts a server that is a handler of net/http.
func onHTTP(newHandler func(joined *atomic.Int64) http.Handler) starter {
	return func(o Options, joined *atomic.Int64, failed chan<- error) (net.Addr, error) {
		return listen(newHandler(joined), o.SendBuffer, failed)
	}
}
