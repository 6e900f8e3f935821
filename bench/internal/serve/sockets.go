package serve

import (
	"io"
	"log"
	"net/http"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
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

// newClassic is the raw loop inside martini.Classic: what Martini costs, without this
// library.
func newClassic() http.Handler {
	m := classic()
	m.Get(Echo, gorillaEcho)
	m.Get(JSON, gorillaJSON)
	return m
}

// newSockets is this library inside martini.Classic, as programs use it.
func newSockets() http.Handler {
	r := classic()
	text, messages := sockets.Messages(quiet), sockets.JSON(Message{}, quiet)
	r.Get(Echo, text, echo[string])
	r.Get(Compressed, sockets.Messages(compressing), echo[string])
	r.Get(JSON, messages, echo[*Message])
	r.Get(Fan, text, byHand(same[string]))
	r.Get(FanJSON, messages, byHand(same[*Message]))
	r.Get(Prepared, text, byHand(sockets.PrepareText))
	r.Get(Room, text, throughRoom(same[string]))
	r.Get(RoomJSON, messages, throughRoom(
		func(m *Message) (*sockets.Prepared, error) { return sockets.PrepareJSON(m) }))
	return r
}

// newBare is this library inside martini.New: no log, no recovery, no static files, no
// router.
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

func same[M any](m M) (M, error) { return m, nil }

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

// byHand returns a handler with a list. What is received is broadcast as encode has it.
func byHand[R, M any](encode func(R) (M, error)) func(<-chan R, chan<- M, <-chan bool) {
	all := newList[chan<- M]()
	return func(receiver <-chan R, sender chan<- M, done <-chan bool) {
		all.join(sender)
		defer all.leave(sender)
		forEach(receiver, done, func(r R) {
			if m, err := encode(r); err == nil {
				all.each(func(to chan<- M) { to <- m })
			}
		})
	}
}

// throughRoom returns the same with package rooms, as its documentation shows it.
func throughRoom[R, M any](encode func(R) (M, error),
) func(<-chan R, chan<- M, <-chan bool, chan<- int) {
	all := rooms.New[M](nil)
	return func(receiver <-chan R, sender chan<- M, done <-chan bool, disconnect chan<- int) {
		member, err := all.Join("lobby", sender, disconnect, nil)
		if err != nil {
			return
		}
		defer member.Leave()
		joined.Add(1)
		defer joined.Add(-1)
		forEach(receiver, done, func(r R) {
			if m, err := encode(r); err == nil {
				_ = member.Broadcast(m) // there is no broker that could fail
			}
		})
	}
}
