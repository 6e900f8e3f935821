package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
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

// newNode starts a chat in memory, with a history of its own. It ends with the test's
// bubble.
func newNode(tb testing.TB, broker rooms.Broker) *node {
	tb.Helper()
	chat := newChat(memlog.New(keep, keepFor), broker)
	tb.Cleanup(chat.people.Close)
	server := socketstest.NewServer(tb, handler(chat, new(sockets.Group)))
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
func (n *node) join(room, name string, key ...string) *client {
	n.tb.Helper()
	c := n.dial(room, name, "", key...)
	c.next("welcome")
	c.sees("+" + name)
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

// next takes the next message, which has to be of a kind.
func (c *client) next(kind string) *Message {
	c.tb.Helper()
	m := c.read()
	if m == nil || m.Kind != kind {
		c.tb.Fatalf("%s got %+v, want %q", c.name, m, kind)
	}
	return m
}

// sees takes the next news: names with + for who came, with - for who went.
func (c *client) sees(want ...string) {
	c.tb.Helper()
	var got []string
	m := c.next("news")
	for _, p := range m.Left {
		got = append(got, "-"+p.Name)
	}
	for _, p := range m.Joined {
		got = append(got, "+"+p.Name)
	}
	if !slices.Equal(got, want) {
		c.tb.Fatalf("%s saw %q, want %q", c.name, got, want)
	}
}

// hears takes the next message that somebody said.
func (c *client) hears(name, text string) *Message {
	c.tb.Helper()
	m := c.next("said")
	if m.From.Name != name || m.Text != text {
		c.tb.Fatalf("%s heard %s: %q, want %s: %q", c.name, m.From.Name, m.Text, name, text)
	}
	return m
}

// asks sends a message, and takes the answer, and with "kept" what the room gets, which
// may come in any order.
func (c *client) asks(m *Message) (answer, said *Message) {
	c.tb.Helper()
	c.send(m)
	for answer == nil || answer.Kind == "kept" && said == nil {
		got := c.read()
		switch {
		case got == nil:
			c.tb.Fatalf("%s got no answer", c.name)
		case got.Kind == "said":
			said = got
		default:
			answer = got
		}
	}
	return answer, said
}

// says has the room keep a text.
func (c *client) says(id, text string) *Message {
	c.tb.Helper()
	answer, said := c.asks(&Message{Kind: "say", ID: id, Text: text})
	if answer.Kind != "kept" || answer.ID != id || said.Text != text {
		c.tb.Fatalf("%s said %q and got %+v, %+v", c.name, text, answer, said)
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
	c.next("probe")
}

// ends takes the close frame.
func (c *client) ends(code int, reason string) {
	c.tb.Helper()
	if m := c.read(); m != nil {
		c.tb.Fatalf("%s got %+v, want close %d", c.name, m, code)
	}
	var closed *websocket.CloseError
	if !errors.As(c.End, &closed) || closed.Code != code || closed.Text != reason {
		c.tb.Fatalf("%s got %v, want close %d %q", c.name, c.End, code, reason)
	}
}

func (c *client) leaves() {
	c.tb.Helper()
	goodbye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "")
	if err := c.WriteMessage(websocket.CloseMessage, goodbye); err != nil {
		c.tb.Fatalf("%s: %v", c.name, err)
	}
}
