package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"

	"github.com/beatrichartz/martini-sockets/rooms/presence"
)

// Person is somebody in a room.
type Person struct {
	ID   string `json:"id"` // the same for the same name and key
	Name string `json:"name"`
}

// readRequest returns the room and the person that a page asks for. The key is a secret
// of the page: who has it, and the same name, is the same person again.
func readRequest(r *http.Request) (room string, p Person, code int, err error) {
	if room, err = checkName(r.FormValue("room"), maxRoom); err != nil {
		return room, p, closeNoRoom, err
	}
	p.Name, err = checkName(r.FormValue("name"), maxName)
	sum := sha256.Sum256([]byte(r.FormValue("key") + "\x00" + fold(p.Name)))
	p.ID = hex.EncodeToString(sum[:8])
	return room, p, closeRefused, err
}

// first is who came first of all who visit under a name, and so has it.
func first(visits []presence.Visit[Person]) (p Person) {
	if len(visits) > 0 {
		p = visits[0].Value
	}
	return p
}

// holdsName reports whether a person's name is nobody else's.
func (c *Chat) holdsName(room string, p Person) bool {
	return first(c.people.Find(room, fold(p.Name))).ID == p.ID
}

// list is who is in a room.
func (c *Chat) list(room string) (list []Person) {
	for _, p := range c.people.List(room) {
		list = append(list, first(p.Visits))
	}
	return list
}

// rooms tells the page of all rooms how many people are in each.
func (c *Chat) rooms(w http.ResponseWriter) {
	rooms := make(map[string]int)
	for _, name := range c.people.Names() {
		rooms[name] = len(c.people.List(name))
	}
	json.NewEncoder(w).Encode(rooms)
}

// changed tells the people of this node who came and went, on any.
func (c *Chat) changed(_ *presence.Presence[Person], room string, all []presence.Change[Person]) {
	news := &Message{Kind: "news"}
	for _, change := range all {
		before, after := first(change.Before), first(change.After)
		if before.ID != "" && before.ID != after.ID {
			news.Left = append(news.Left, before)
		}
		if after.ID != "" && before.ID != after.ID {
			news.Joined = append(news.Joined, after)
		}
	}
	if len(news.Left)+len(news.Joined) > 0 {
		c.news.Broadcast(room, news)
	}
}
