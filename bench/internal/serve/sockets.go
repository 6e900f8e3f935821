package serve

import (
	"io"
	"log"
	"net/http"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
)

// quiet is all that is not default: nobody else here logs.
var quiet = &sockets.Options{SkipLogging: true}

// Classic is martini.Classic with its log discarded, as in every Martini server here.
func Classic() *martini.ClassicMartini {
	m := martini.Classic()
	m.Map(log.New(io.Discard, "", 0))
	return m
}

// newClassic is the raw loop inside martini.Classic: what Martini costs, without this
// library.
func newClassic() http.Handler {
	m := Classic()
	m.Get(Echo, gorillaEcho)
	m.Get(JSON, gorillaJSON)
	return m
}

// newSockets is this library inside martini.Classic, as programs use it.
func newSockets() http.Handler {
	r := Classic()
	text := sockets.Messages(quiet)
	r.Get(Echo, text, echo[string])
	r.Get(JSON, sockets.JSON(Message{}, quiet), echo[*Message])
	r.Get(Fan, text, byHand())
	r.Get(Room, text, throughRoom())
	return r
}

// newBare is this library inside martini.New: no log, recovery, static files or router.
func newBare() http.Handler {
	m := martini.New()
	m.Handlers(sockets.Messages(quiet), echo[string])
	return m
}

// newHandlers is this library without Martini: the handlers for any router.
func newHandlers() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(Echo, sockets.HandleText(func(_ *http.Request, c sockets.Channels[string]) {
		echo(c.Receiver, c.Sender, c.Done)
	}, quiet))
	return mux
}

func echo[M any](receiver <-chan M, sender chan<- M, done <-chan bool) {
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

// byHand returns a handler with a list, to which it broadcasts what it receives.
func byHand() func(<-chan string, chan<- string, <-chan bool) {
	all := newList[chan<- string]()
	return func(receiver <-chan string, sender chan<- string, done <-chan bool) {
		all.join(sender)
		defer all.leave(sender)
		forEach(receiver, done, func(s string) {
			all.each(func(to chan<- string) { to <- s })
		})
	}
}

// throughRoom returns the same with package rooms, as its documentation shows it.
func throughRoom() func(<-chan string, chan<- string, <-chan bool, chan<- int) {
	all := rooms.New[string](nil)
	return func(receiver <-chan string, sender chan<- string, done <-chan bool,
		disconnect chan<- int) {
		member, err := all.Join("lobby", sender, disconnect, nil)
		if err != nil {
			return
		}
		defer member.Leave()
		joined.Add(1)
		defer joined.Add(-1)
		forEach(receiver, done, func(s string) {
			_ = member.Broadcast(s) // there is no broker that could fail
		})
	}
}
