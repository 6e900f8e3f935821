package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
)

// Chat is one node of the chat: its people, and the rooms they are in.
type Chat struct {
	people *rooms.Rooms[*Message] // of this node: what is said to them stays here
	nodes  *rooms.Rooms[*note]    // the keepers of the same room on all nodes

	node     string        // what the others call this one
	versions atomic.Uint64 // of the reports to them
	ending   atomic.Bool   // everybody is being sent away
	times    Times

	ctx     context.Context
	cancel  context.CancelFunc
	keepers sync.WaitGroup

	lobby
}

// Times are the chat's waits.
type Times struct {
	Settle time.Duration // for the answers of other nodes, when a room is opened here; zero where there are none
	Beat   time.Duration // between the reports of a node; after three without one its people have left
	Keep   time.Duration // for the history of a room without people
}

// newChat starts a node, which is alone without a broker. It has to be closed, after its connections have ended. OnError is
// told what goes wrong between nodes, and may be nil.
func newChat(broker rooms.Broker, onError func(room string, err error), times Times) *Chat {
	ctx, cancel := context.WithCancel(context.Background())
	return &Chat{
		people: rooms.New[*Message](nil),
		// Without limits: a keeper waits for nothing but the network, and that not forever. It is never to be removed.
		nodes: rooms.New(&rooms.Options[*note]{Broker: broker, OnError: onError, Backlog: -1, Grace: -1}),
		node:  rand.Text(), times: times, ctx: ctx, cancel: cancel, lobby: lobby{rooms: make(map[string]*room)},
	}
}

// talk serves one connection. Everything about websockets is in this function.
func (c *Chat) talk(r *http.Request, connection *sockets.Connection, receiver <-chan *Message, sender chan<- *Message,
	done <-chan bool, disconnect chan<- int) {
	room, guest, err := c.enter(r, sender, disconnect, connection.Close)
	if err != nil {
		connection.Close(closeRefused, err.Error())
		return
	}
	defer c.leave(room, guest)
	for {
		select {
		case message := <-receiver:
			if answer := room.take(guest, message); answer != nil {
				sender <- answer
			}
		case <-done:
			return
		}
	}
}

// enter finds the room that a request asks for, and lets the person in. Dismiss ends the connection; it does not block.
func (c *Chat) enter(r *http.Request, sender chan<- *Message, disconnect chan<- int, dismiss func(int, string) error) (*room, *guest, error) {
	name, err := checkName(r.FormValue("name"))
	if err != nil {
		return nil, nil, err
	}
	roomName, err := checkRoom(r.FormValue("room"))
	if err != nil {
		return nil, nil, err
	}
	room, err := c.open(roomName)
	if err != nil {
		return nil, nil, err
	}
	guest := newGuest(name, r.FormValue("key"), dismiss)
	if err := room.enter(guest, sender, disconnect); err != nil {
		c.release(room)
		return nil, nil, err
	}
	return room, guest, nil
}

func (c *Chat) leave(room *room, guest *guest) {
	room.leave(guest)
	c.release(room)
}

// Close ends the keepers.
func (c *Chat) Close() {
	c.cancel()
	c.keepers.Wait()
}
