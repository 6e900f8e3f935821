package target

import (
	"strconv"
	"strings"

	"github.com/go-martini/martini"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// What a client can ask for. Everything else is sent back, or in a room broadcast.
const (
	EndReturn = "end return" // the handler returns
	EndSender = "end sender" // the handler closes its sender
	EndCode   = "end code "  // the handler sends the code that follows

	Join  = "join " // the room that follows
	Leave = "leave"
	Say   = "say " // to everyone in the room, as it is
)

// What a room answers.
const (
	Joined = "joined"
	Left   = "left"
)

// echo sends back what is received. text is what a message says.
func echo[M any](
	t *Target, text func(M) string,
) func(<-chan M, chan<- M, <-chan bool, chan<- int) {
	return func(receiver <-chan M, sender chan<- M, done <-chan bool, disconnect chan<- int) {
		t.faults.opened()
		out := outlet[M]{t: t, send: func(m M) { sender <- m }}
		for {
			select {
			case m := <-receiver:
				if end(text(m), sender, disconnect) {
					return
				}
				if !strings.HasPrefix(text(m), "end ") {
					out.pass(m)
				}
			case <-done:
				return
			}
		}
	}
}

// end does what a client asks for that wants its connection ended by the handler, and
// reports whether that is by returning.
func end[M any](text string, sender chan<- M, disconnect chan<- int) bool {
	if code, ok := strings.CutPrefix(text, EndCode); ok {
		if n, err := strconv.Atoi(code); err == nil {
			disconnect <- n
		}
	}
	if text == EndSender {
		close(sender)
	}
	return text == EndReturn
}

// room is a handler whose client is in one room at a time: at first that of its path.
func room[M any](
	t *Target, all *rooms.Rooms[M], encode func(string) (M, error),
) func(martini.Params, <-chan string, chan<- M, <-chan bool, chan<- int) {
	return func(
		params martini.Params, receiver <-chan string, sender chan<- M, done <-chan bool,
		disconnect chan<- int,
	) {
		t.faults.opened()
		g := &guest[M]{all: all, sender: sender, disconnect: disconnect, encode: encode}
		out := outlet[string]{t: t, send: g.say}
		g.join(params["name"])
		defer g.leave()
		for {
			select {
			case s := <-receiver:
				if end(s, sender, disconnect) {
					return
				}
				g.obey(s, out.pass)
			case <-done:
				return
			}
		}
	}
}

// guest is one client of the rooms; its handler's goroutine alone uses it.
type guest[M any] struct {
	all        *rooms.Rooms[M]
	sender     chan<- M
	disconnect chan<- int
	encode     func(string) (M, error)
	member     *rooms.Member[M] // nil outside of a room
}

func (g *guest[M]) obey(s string, say func(string)) {
	switch {
	case strings.HasPrefix(s, Say):
		say(s)
	case strings.HasPrefix(s, Join):
		g.leave()
		g.join(s[len(Join):])
	case s == Leave:
		g.leave()
		g.answer(Left)
	}
}

func (g *guest[M]) join(name string) {
	member, err := g.all.Join(name, g.sender, g.disconnect, nil)
	if err == nil {
		g.member = member
		g.answer(Joined)
	}
}

func (g *guest[M]) leave() {
	if g.member != nil {
		g.member.Leave()
		g.member = nil
	}
}

func (g *guest[M]) say(s string) {
	if m, err := g.encode(s); err == nil && g.member != nil {
		_ = g.member.Broadcast(m) // there is no broker that could fail
	}
}

func (g *guest[M]) answer(s string) {
	if m, err := g.encode(s); err == nil {
		g.sender <- m
	}
}
