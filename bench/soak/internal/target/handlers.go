package target

import (
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
	if t.faults.Opened != nil {
		t.faults.Opened()
	}
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
				disconnect <- code
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
		times := 1
		if n := t.messages.Add(1); t.faults.Message != nil {
			times = t.faults.Message(n)
		}
		if times == Late {
			late = append(late, m)
			return
		}
		for range times {
			send(m)
		}
		for _, m := range late {
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
		answer := func(s string) {
			if m, err := encode(s); err == nil {
				sender <- m
			}
		}
		member, err := all.Join(params["name"], sender, disconnect, nil)
		if err != nil {
			return
		}
		defer member.Leave()
		answer(Joined)
		say := faulty(t, func(s string) {
			if m, err := encode(s); err == nil {
				_ = member.Broadcast(m) // there is no broker that could fail
			}
		})
		text := func(s string) string { return s }
		attend(t, text, receiver, sender, done, disconnect, func(s string) {
			switch {
			case strings.HasPrefix(s, Say):
				say(s)
			case s == Leave:
				member.Leave()
				answer(Left)
			}
		})
	}
}
