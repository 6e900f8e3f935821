package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// node is a chat, in memory or at an address, to which pages connect.
type node struct {
	*Chat   // nil at an address
	tb      testing.TB
	connect func(path string) (*websocket.Conn, *http.Response, error)
}

// serve makes a chat with a history of its own. It ends with the test's bubble.
func serve(tb testing.TB, broker rooms.Broker) (*Chat, http.Handler) {
	chat := newChat(memlog.New(keep, keepFor), broker)
	tb.Cleanup(chat.people.Close)
	return chat, handler(chat, new(sockets.Group))
}

// newNode serves a chat in memory.
func newNode(tb testing.TB, broker rooms.Broker) *node {
	tb.Helper()
	chat, h := serve(tb, broker)
	server := socketstest.NewServer(tb, h)
	return &node{chat, tb, func(path string) (*websocket.Conn, *http.Response, error) {
		return server.Dial(path, nil)
	}}
}

// alone runs a test with one node, in fake time.
func alone(t *testing.T, test func(t *testing.T, n *node)) {
	synctest.Test(t, func(t *testing.T) { test(t, newNode(t, nil)) })
}

// client is what a page is to the server.
type client struct {
	*apptest.Page
	tb   testing.TB
	name string
}

// dial opens a connection as a page does: after a position, if it was there before, and
// with a key of its own if none is given.
func (n *node) dial(room, name, after string, key ...string) *client {
	n.tb.Helper()
	conn, _, err := n.connect("/socket?" + query(room, name, after, key...))
	if err != nil {
		n.tb.Fatalf("%s: %v", name, err)
	}
	n.tb.Cleanup(func() { conn.Close() })
	return &client{apptest.Open(conn), n.tb, name}
}

func query(room, name, after string, key ...string) string {
	key = append(key, name+"'s key")
	return url.Values{"room": {room}, "name": {name}, "after": {after}, "key": key}.Encode()
}

// join dials, and takes the welcome and the news of the person's own coming.
func (n *node) join(room, name string) *client {
	n.tb.Helper()
	c := n.dial(room, name, "")
	c.gets("welcome")
	c.gets("+" + name)
	return c
}

// read takes the next message but "now", nil at the end.
func (c *client) read() *Message {
	c.tb.Helper()
	select {
	case data, open := <-c.Messages:
		if !open {
			return nil
		}
		var m Message
		if err := json.Unmarshal([]byte(data), &m); err != nil {
			c.tb.Fatal(err)
		}
		if m.Kind == "now" {
			return c.read()
		}
		return &m
	case <-time.After(time.Minute):
		c.tb.Fatalf("%s gets nothing", c.name)
		return nil
	}
}

// short is what a test wants to know of a message: who came and went, who said what, how
// the connection was closed, or only the kind.
func (c *client) short(m *Message) string {
	switch {
	case m == nil:
		return strings.TrimPrefix(c.End.Error(), "websocket: ")
	case m.Kind == "said":
		return m.From.Name + ": " + m.Text
	case m.Kind == "news":
		var names []string
		for _, p := range m.Left {
			names = append(names, "-"+p.Name)
		}
		for _, p := range m.Joined {
			names = append(names, "+"+p.Name)
		}
		return strings.Join(names, " ")
	}
	return m.Kind
}

// gets takes the next message, or the close frame.
func (c *client) gets(want string) *Message {
	c.tb.Helper()
	m := c.read()
	if got := c.short(m); got != want {
		c.tb.Fatalf("%s got %q, want %q", c.name, got, want)
	}
	return m
}

// says has the room keep a text. The answer, and what the room gets, come in any order.
func (c *client) says(id, text string) *Message {
	c.tb.Helper()
	c.send(&Message{Kind: "say", ID: id, Text: text})
	kept, said := c.read(), c.read()
	if c.short(said) == "kept" {
		kept, said = said, kept
	}
	if c.short(kept) != "kept" || kept.ID != id || c.short(said) != c.name+": "+text {
		c.tb.Fatalf("%s said %q and got %+v, %+v", c.name, text, kept, said)
	}
	return said
}

func (c *client) send(m *Message) {
	c.tb.Helper()
	if err := c.WriteJSON(m); err != nil {
		c.tb.Fatalf("%s: %v", c.name, err)
	}
}

// silent proves that nothing had been sent before a probe came back.
func (c *client) silent() {
	c.tb.Helper()
	c.send(&Message{Kind: "probe"})
	c.gets("probe")
}
