package main // A chat in rooms. Open http://localhost:3000/?room=garden twice.

import (
	"net/http"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/live"
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
	m.Get("/live.js", live.Serve)
	m.Get("/socket", sockets.JSON(Message{}), talk)
	m.Run()
}

func talk(r *http.Request, receiver <-chan *Message, sender chan<- *Message,
	done <-chan bool, disconnect chan<- int) {
	room, after := r.FormValue("room"), r.FormValue("after")
	me, missed, err := chat.JoinAfter(room, after, sender, disconnect, nil)
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
			said := &Message{ID: m.ID, Name: m.Name, Text: m.Text}
			if _, err := me.Say(r.Context(), m.Name+" "+m.ID, said); err != nil {
				sender <- &Message{ID: m.ID, Name: "Not said", Text: err.Error()}
			}
		case <-done:
			return
		}
	}
}

const page = `<!doctype html><title>Hello</title><pre id=log></pre>Name <input id=who>
<form id=form onsubmit="return false"><input id=text maxlength=999> <button>Say</button>
</form><script type=module> import {Live} from "/live.js"
const show = m => { live.settle(m.ID); log.append(m.Name, ": ", m.Text, "\n") }
const live = new Live("/socket" + location.search, {position: m => m.At, onmessage: show})
form.addEventListener("submit", () => {
	live.say(ID => ({ID, Name: who.value, Text: text.value}))
	text.value = ""
})</script>`
