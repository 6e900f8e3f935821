// A chat: rooms, names, and pages that come back. Open http://localhost:3000 twice.
package main

import (
	"net/http"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
	"github.com/go-martini/martini"
)

type Message struct{ ID, Name, Text, At string }

var chat = rooms.NewOnLog(memlog.New(50, time.Hour), &rooms.Options[*Message]{
	Stamp: func(m *Message, at string) *Message { m.At = at; return m }})

func main() {
	m := martini.Classic()
	m.Get("/", func() string { return page })
	m.Get("/socket", sockets.JSON(Message{}), talk)
	m.Run()
}

func talk(r *http.Request, receiver <-chan *Message, sender chan<- *Message,
	done <-chan bool, disconnect chan<- int) {
	room, at := r.FormValue("room"), r.FormValue("at")
	me, missed, err := chat.JoinAfter(room, at, sender, disconnect, nil)
	if err != nil {
		return
	}
	defer me.Leave()
	for _, said := range missed.Messages {
		sender <- said.Value
	}
	me.Start()
	for {
		select {
		case m := <-receiver:
			if _, err := me.Say(r.Context(), m.ID, m); err != nil {
				sender <- &Message{Name: "Server", Text: "that was not said"}
			}
		case <-done:
			return
		}
	}
}

const page = `<!doctype html><title>Hello</title>Room <input id=room> Name <input id=who>
<form onsubmit="say(); return false"><input id=text> <button>Say</button><pre id=log></pre>
<script>let socket, at = "", id = "" + Math.random(); function connect() {
	socket = new WebSocket("/socket?" + new URLSearchParams({room: room.value, at}))
	socket.onclose = () => setTimeout(connect, 1000); socket.onmessage = ({data}) => {
		const m = JSON.parse(data); at = m.At || at; log.append(m.Name, ": ", m.Text, "\n")
		if (m.ID === id) { text.value = ""; id = "" + Math.random() }
	}
}
const say = () => socket.send(JSON.stringify({ID: id, Name: who.value, Text: text.value}))
room.onchange = () => { log.textContent = at = ""; socket.close() }; connect()</script>`
