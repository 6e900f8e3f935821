// Package serve holds the servers that are compared: this library, a raw loop on gorilla, the same inside Martini, and
// three other libraries. Each is the code that a user of it would write, and each runs in a process of its own.
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
	Echo     = "/echo"     // text frames come back
	JSON     = "/json"     // a Message comes back, decoded and encoded again
	Fan      = "/fan"      // a text frame from one client goes to all of them
	FanJSON  = "/fanjson"  // the same for a Message
	Prepared = "/prepared" // the same for a text frame that is framed once
	Room     = "/room"     // the same through package rooms
)

// Message is what the JSON scenarios send.
type Message struct {
	From string `json:"from"`
	Text string `json:"text"`
	Seq  int    `json:"seq"`
}

// kinds makes the handler of each server. joined counts the clients that the next broadcast reaches.
var kinds = map[string]func(joined *atomic.Int64) http.Handler{
	"sockets": newSockets,
	"bare":    newBare,
	"gorilla": newGorilla,
	"classic": newClassic,
	"melody":  newMelody,
	"coder":   newCoder,
	"gws":     newGWS,
}

// Kinds returns the names of the servers, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// Options are what the driver asks of a server.
type Options struct {
	Kind       string
	SendBuffer int  // of every connection, in the kernel; zero leaves it to the kernel
	Profile    bool // serve net/http/pprof on the control address
}

// Run serves until parent ends, which is the driver's end of a pipe: a server cannot outlive the driver, however that
// dies. It writes one line to out: the address of the server and that of its control.
func Run(o Options, parent io.Reader, out io.Writer) error {
	newHandler, ok := kinds[o.Kind]
	if !ok {
		return fmt.Errorf("serve: no server %q, there are %q", o.Kind, Kinds())
	}
	joined := new(atomic.Int64)
	failed := make(chan error, 3)
	data, err := listen(newHandler(joined), o.SendBuffer, failed)
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

// listen serves h on a free port until the process ends.
func listen(h http.Handler, sendBuffer int, failed chan<- error) (net.Addr, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() { failed <- http.Serve(listener{l, sendBuffer}, h) }()
	return l.Addr(), nil
}

// listener gives every connection the same send buffer, so that a stalled client is noticed after kilobytes, not after
// the megabytes that Linux lends on a loopback.
type listener struct {
	net.Listener
	sendBuffer int
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil && l.sendBuffer > 0 {
		err = c.(*net.TCPConn).SetWriteBuffer(l.sendBuffer)
	}
	return c, err
}
