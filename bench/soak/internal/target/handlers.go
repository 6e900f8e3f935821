package target

import (
	"slices"
	"strconv"
	"strings"

	"github.com/go-martini/martini"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// What a client can ask for, and what a room answers. Everything else is sent back, or in
// a room dropped.
const (
	EndReturn = "end return" // the handler returns
	EndSender = "end sender" // the handler closes its sender
	EndCode   = "end code "  // the handler sends the code that follows

	Leave  = "leave" // the room
	Say    = "say "  // to everyone in the room, as it is
	Joined = "joined"
	Left   = "left"
)

// attend calls got for each message, and does what ends a connection. text is what a
// message says.
func attend[R, M any](t *Target, text func(R) string, receiver <-chan R, sender chan<- M,
	done <-chan bool, disconnect chan<- int, got func(R)) {
	t.faults.Opened()
	for {
		select {
		case r := <-receiver:
			switch s := text(r); {
			case s == EndReturn:
				return
			case s == EndSender:
				close(sender)
			case strings.HasPrefix(s, EndCode):
				code, _ := strconv.Atoi(s[len(EndCode):])
				disconnect <- code + t.faults.Code
			default:
				got(r)
			}
		case <-done:
			return
		}
	}
}

// faulty returns a function that sends what it is given, as t's faults have it.
func faulty[M any](t *Target, send func(M)) func(M) {
	var late []M
	return func(m M) {
		times := t.faults.Message(t.messages.Add(1))
		if times < 0 {
			late = append(late, m)
			return
		}
		for _, m := range append(slices.Repeat([]M{m}, times), late...) {
			send(m)
		}
		late = nil
	}
}

// echo sends back what is received.
func echo[M any](t *Target, text func(M) string,
) func(<-chan M, chan<- M, <-chan bool, chan<- int) {
	return func(receiver <-chan M, sender chan<- M, done <-chan bool, disconnect chan<- int) {
		attend(t, text, receiver, sender, done, disconnect,
			faulty(t, func(m M) { sender <- m }))
	}
}

// room is a handler whose client is in the room of its path until it leaves that.
func room[M any](t *Target, all *rooms.Rooms[M], encode func(string) (M, error),
) func(martini.Params, <-chan string, chan<- M, <-chan bool, chan<- int) {
	return func(params martini.Params, receiver <-chan string, sender chan<- M,
		done <-chan bool, disconnect chan<- int) {
		member, err := all.Join(params["name"], sender, disconnect, nil)
		if err != nil {
			return
		}
		defer member.Leave()
		answer := func(s string) {
			m, _ := encode(s) // what was received can be sent
			sender <- m
		}
		say := faulty(t, func(s string) {
			m, _ := encode(s)
			_ = member.Broadcast(m) // there is no broker that could fail
		})
		answer(Joined)
		attend(t, same, receiver, sender, done, disconnect, func(s string) {
			switch {
			case strings.HasPrefix(s, Say):
				say(s)
			case s == Leave:
				if !t.faults.Stay {
					member.Leave()
				}
				answer(Left)
			}
		})
	}
}

func same(s string) string { return s }
