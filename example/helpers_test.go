package main

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// node is a chat that listens on loopback, started and ended as main does it.
type node struct {
	tb      testing.TB
	address string
	ctrlC   context.CancelFunc
	ended   chan error
}

func startNode(tb testing.TB, natsURL string) *node {
	tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := wstest.ListenTCP(tb)
	n := &node{tb: tb, address: l.Addr().String(), ctrlC: cancel, ended: make(chan error, 1)}
	go func() { n.ended <- run(ctx, l, natsURL) }()
	tb.Cleanup(n.stop)
	return n
}

// stop is Ctrl-C, and waits for the end. It can be called again.
func (n *node) stop() {
	n.ctrlC()
	select {
	case err, first := <-n.ended:
		if first && err != nil {
			n.tb.Errorf("run() = %v, want nil", err)
		}
		if first {
			close(n.ended)
		}
	case <-time.After(wstest.Wait):
		n.tb.Error("the node did not end")
	}
}

// client is what a page is to the server.
type client struct {
	*websocket.Conn
	tb   testing.TB
	name string
}

// dial opens a connection as a page does, with a key of its own if there is none.
func (n *node) dial(room, name string, key ...string) *client {
	n.tb.Helper()
	query := url.Values{"room": {room}, "name": {name}, "key": {name + "'s key"}}
	if len(key) > 0 {
		query.Set("key", key[0])
	}
	header := map[string][]string{"Origin": {"http://" + n.address}}
	dialer := websocket.Dialer{NetDialContext: (&net.Dialer{}).DialContext, HandshakeTimeout: wstest.Wait}
	conn, _, err := dialer.Dial("ws://"+n.address+"/socket?"+query.Encode(), header)
	if err != nil {
		n.tb.Fatalf("%s: %v", name, err)
	}
	n.tb.Cleanup(func() { conn.Close() })
	return &client{conn, n.tb, name}
}

// join dials and takes the welcome.
func (n *node) join(room, name string, key ...string) (*client, *Message) {
	n.tb.Helper()
	c := n.dial(room, name, key...)
	return c, c.next(kindWelcome)
}

func (c *client) read() (*Message, error) {
	c.SetReadDeadline(time.Now().Add(wstest.Wait))
	m := new(Message)
	return m, c.ReadJSON(m)
}

// next takes the next message, which has to be of a kind.
func (c *client) next(kind string) *Message {
	c.tb.Helper()
	m, err := c.read()
	if err != nil {
		c.tb.Fatalf("%s: %v, want %q", c.name, err, kind)
	}
	if m.Kind != kind {
		c.tb.Fatalf("%s got %+v, want %q", c.name, m, kind)
	}
	return m
}

// sees takes the next message and compares its kind, its name and its text.
func (c *client) sees(kind, name, text string) {
	c.tb.Helper()
	if m := c.next(kind); m.Name != name || m.Text != text {
		c.tb.Fatalf("%s saw %s %q %q, want %q %q", c.name, kind, m.Name, m.Text, name, text)
	}
}

// here compares who is in the room with what the next message of a kind says.
func (c *client) here(kind string, people ...string) {
	c.tb.Helper()
	if m := c.next(kind); strings.Join(m.People, ",") != strings.Join(people, ",") {
		c.tb.Fatalf("%s saw %s with %q, want %q", c.name, kind, m.People, people)
	}
}

func (c *client) say(id, text string) {
	c.tb.Helper()
	if err := c.WriteJSON(&Message{Kind: kindSay, ID: id, Text: text}); err != nil {
		c.tb.Fatalf("%s: %v", c.name, err)
	}
}

// silent proves that nothing had been sent before a probe came back.
func (c *client) silent() {
	c.tb.Helper()
	if err := c.WriteJSON(&Message{Kind: kindProbe}); err != nil {
		c.tb.Fatalf("%s: %v", c.name, err)
	}
	c.next(kindProbe)
}

// ends takes the close frame.
func (c *client) ends(code int, reason string) {
	c.tb.Helper()
	m, err := c.read()
	var closed *websocket.CloseError
	if !errors.As(err, &closed) || closed.Code != code || closed.Text != reason {
		c.tb.Fatalf("%s got %+v, %v, want close %d %q", c.name, m, err, code, reason)
	}
}

func (c *client) leaves() {
	c.tb.Helper()
	deadline := time.Now().Add(wstest.Wait)
	if err := c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), deadline); err != nil {
		c.tb.Fatalf("%s: %v", c.name, err)
	}
}
