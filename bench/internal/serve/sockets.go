package serve

import (
	"io"
	"log"
	"net/http"
	"sync/atomic"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
)

// quiet is all that is not default, as nobody else here logs, and compression.
var (
	quiet       = &sockets.Options{SkipLogging: true}
	compressing = &sockets.Options{SkipLogging: true, Upgrader: &upgraderCompressed}
)

// classic is martini.Classic with its log discarded, as in every Martini server here.
func classic() *martini.ClassicMartini {
	m := martini.Classic()
	m.Map(log.New(io.Discard, "", 0))
	return m
}

// newSockets is this library inside martini.Classic, as programs use it.
func newSockets(joined *atomic.Int64) http.Handler {
	m := classic()
	routeSockets(m.Router, joined)
	return m
}

// newBare is this library inside martini.New with a router: no log, no recovery, no
// static files.
func newBare(joined *atomic.Int64) http.Handler {
	m, r := martini.New(), martini.NewRouter()
	m.MapTo(r, (*martini.Routes)(nil))
	m.Action(r.Handle)
	routeSockets(r, joined)
	return m
}

// newClassic is the raw loop inside martini.Classic: what Martini costs, without this
// library.
func newClassic(*atomic.Int64) http.Handler {
	m := classic()
	m.Get(Echo, gorillaEcho)
	m.Get(JSON, gorillaJSON)
	return m
}

func routeSockets(r martini.Router, joined *atomic.Int64) {
	text, messages := sockets.Messages(quiet), sockets.JSON(Message{}, quiet)
	r.Get(Echo, text, socketsEcho[string])
	r.Get(Compressed, sockets.Messages(compressing), socketsEcho[string])
	r.Get(JSON, messages, socketsEcho[*Message])
	r.Get(Fan, text, byHand(joined, same[string]))
	r.Get(FanJSON, messages, byHand(joined, same[*Message]))
	r.Get(Prepared, text, byHand(joined, sockets.PrepareText))
	r.Get(Room, text, throughRoom(joined, same[string]))
	r.Get(RoomJSON, messages, throughRoom(joined, prepare))
}

func same[M any](m M) (M, error)                    { return m, nil }
func prepare(m *Message) (*sockets.Prepared, error) { return sockets.PrepareJSON(m) }

func socketsEcho[M any](receiver <-chan M, sender chan<- M, done <-chan bool) {
	forEach(receiver, done, func(m M) { sender <- m })
}

// forEach is the loop of every handler: it calls got for each message until the end.
func forEach[M any](receiver <-chan M, done <-chan bool, got func(M)) {
	for {
		select {
		case m := <-receiver:
			got(m)
		case <-done:
			return
		}
	}
}
