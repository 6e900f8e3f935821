package serve

import (
	"net/http"
	"sync/atomic"

	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
)

// quiet is all that is not default: nobody else here logs.
var quiet = &sockets.Options{SkipLogging: true}

// newSockets is this library inside martini.Classic, as programs use it.
func newSockets(joined *atomic.Int64) http.Handler {
	m := classic()
	routeSockets(m.Router, joined)
	return m
}

// newBare is this library inside martini.New with a router: no log, no recovery, no static files.
func newBare(joined *atomic.Int64) http.Handler {
	m, r := martini.New(), martini.NewRouter()
	m.MapTo(r, (*martini.Routes)(nil))
	m.Action(r.Handle)
	routeSockets(r, joined)
	return m
}

func routeSockets(r martini.Router, joined *atomic.Int64) {
	text := newList[chan<- string](joined)
	messages := newList[chan<- *Message](joined)
	prepared := newList[chan<- *websocket.PreparedMessage](joined)
	r.Get(Echo, sockets.Messages(quiet), socketsEcho)
	r.Get(JSON, sockets.JSON(Message{}, quiet), socketsJSON)
	r.Get(Fan, sockets.Messages(quiet), func(receiver <-chan string, sender chan<- string, done <-chan bool) {
		handOut(receiver, sender, done, text)
	})
	r.Get(FanJSON, sockets.JSON(Message{}, quiet),
		func(receiver <-chan *Message, sender chan<- *Message, done <-chan bool) {
			handOut(receiver, sender, done, messages)
		})
	r.Get(Room, sockets.Messages(quiet), socketsRoom(joined))
	r.Get(Prepared, sockets.Messages(quiet),
		func(receiver <-chan string, sender chan<- *websocket.PreparedMessage, done <-chan bool) {
			prepared.join(sender)
			defer prepared.leave(sender)
			for {
				select {
				case m := <-receiver:
					if p, err := websocket.NewPreparedMessage(websocket.TextMessage, []byte(m)); err == nil {
						prepared.each(func(to chan<- *websocket.PreparedMessage) { to <- p })
					}
				case <-done:
					return
				}
			}
		})
}

// socketsRoom is the same with package rooms, as its documentation shows it.
func socketsRoom(joined *atomic.Int64) martini.Handler {
	const name = "lobby"
	all := rooms.New[string](nil)
	return func(receiver <-chan string, sender chan<- string, done <-chan bool, disconnect chan<- int) {
		member, err := all.Join(name, sender, disconnect, nil)
		if err != nil {
			return
		}
		defer member.Leave()
		joined.Add(1)
		defer joined.Add(-1)
		for {
			select {
			case m := <-receiver:
				_ = all.Broadcast(name, m) // there is no broker that could fail
			case <-done:
				return
			}
		}
	}
}

func socketsEcho(receiver <-chan string, sender chan<- string, done <-chan bool) {
	for {
		select {
		case m := <-receiver:
			sender <- m
		case <-done:
			return
		}
	}
}

func socketsJSON(receiver <-chan *Message, sender chan<- *Message, done <-chan bool) {
	for {
		select {
		case m := <-receiver:
			sender <- m
		case <-done:
			return
		}
	}
}

// handOut is the list, the mutex and the loop of sends that every program on top of the original has written.
func handOut[M any](receiver <-chan M, sender chan<- M, done <-chan bool, all *list[chan<- M]) {
	all.join(sender)
	defer all.leave(sender)
	for {
		select {
		case m := <-receiver:
			all.each(func(to chan<- M) { to <- m })
		case <-done:
			return
		}
	}
}
