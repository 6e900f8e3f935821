package main

import (
	"context"
	"log"
	"net/http"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/presence"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// Chat is one node of the chat.
type Chat struct {
	said   *rooms.LogRooms[*Message]  // what people say, in one order on all nodes
	people *presence.Presence[Person] // who is in which room, on all nodes
	news   *rooms.Rooms[*Message]     // who came and went, for the people of this node
}

// newChat starts a node; without a broker it is the only one. It ends with people.Close.
func newChat(history rooms.Log, broker rooms.Broker) *Chat {
	c := &Chat{news: rooms.New(&rooms.Options[*Message]{MaxMessageSize: -1})} // as the sockets
	c.said = rooms.NewOnLog(history, &rooms.Options[*Message]{
		Decode:  decodeSaid,
		Stamp:   func(m *Message, position string) *Message { m.At = position; return m },
		OnError: func(room string, err error) { log.Printf("room %q: %v", room, err) },
	})
	c.people = presence.New(&presence.Options[Person]{
		Broker: broker, OnChange: c.changed,
		OnError: func(err error) { log.Print("people: ", err) },
	})
	return c
}

// talk serves the connection of a page that shows a room.
func (c *Chat) talk(r *http.Request, ctx context.Context, connection *sockets.Connection,
	receiver <-chan *Message, sender chan<- *Message,
	done <-chan bool, disconnect chan<- int,
) {
	room, me, code, err := readRequest(r)
	if err != nil {
		connection.Close(code, err.Error())
		return
	}
	member, missed, err := c.said.JoinAfter(room, r.FormValue("after"), sender, disconnect, nil)
	if err != nil { // the history cannot be reached; the page comes back after a while
		disconnect <- websocket.CloseTryAgainLater
		return
	}
	defer member.Leave()
	news := make(chan *Message, 16)
	watcher, _ := c.news.Join(room, news, disconnect, nil) // no error, for a new channel
	defer watcher.Leave()
	visitor, err := c.people.Enter(room, fold(me.Name), me)
	if err != nil { // too many people are here, or the node ends
		disconnect <- websocket.CloseTryAgainLater
		return
	}
	defer visitor.Leave()
	if !c.holdsName(room, me) {
		connection.Close(closeRefused, taken)
		return
	}
	sender <- &Message{Kind: "welcome", From: me, Joined: c.list(room), Complete: missed.Complete}
	for _, said := range missed.Messages {
		sender <- said.Value
	}
	sender <- &Message{Kind: "now", At: missed.Position}
	member.Start()
	pace := rate.NewLimiter(5, 20) // messages a second, and at once
	for {
		select {
		case message := <-receiver:
			pace.Wait(ctx)
			sender <- c.take(ctx, room, me, message)
		case message := <-news:
			sender <- message
			if !c.holdsName(room, me) {
				connection.Close(closeTaken, taken)
			}
		case <-done:
			return
		}
	}
}

// take does what a page asks for, and returns the answer. A page that got no answer asks
// again under the same id: what was said is kept once.
func (c *Chat) take(ctx context.Context, room string, me Person, m *Message) *Message {
	if m.Kind != "say" {
		return m
	}
	said, err := newSaid(me, m.ID, m.Text)
	if err != nil {
		return &Message{Kind: "wrong", ID: m.ID, Text: err.Error()}
	}
	if _, err := c.said.Say(ctx, room, said.ID, said); err != nil {
		return &Message{Kind: "later", ID: m.ID}
	}
	return &Message{Kind: "kept", ID: m.ID}
}
