package apptest

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// Program is a program whose users must not hurt each other.
type Program struct {
	// Serve makes it. It is called in a bubble.
	Serve func(t *testing.T) http.Handler
	// Path is the address at which somebody of that name enters a room. Default: /socket.
	Path func(room, name string) string
	// Say returns what a page sends to say a text: a string, a []byte, or a struct for JSON.
	// All its fields must be filled, and no two texts have the same id. Nil is for a page
	// that only listens, and sees something new by itself.
	Say func(text string) any
	// Limit is the MaxMessageSize of its sockets. Default: 65,536.
	Limit int
	// Alone means that nobody gets what others say.
	Alone bool
}

// Unhurt drives a program: one user does what is large and odd, and what it should not do at
// all, while a neighbour is there. Each time, the neighbour and a newcomer must still talk to
// each other, the user must be told, and nothing long or forged may be in the standard log.
func Unhurt(t *testing.T, p Program) {
	t.Helper()
	for _, what := range p.hurts(t) {
		t.Error(what)
	}
}

// hurts returns what goes wrong.
func (p Program) hurts(t *testing.T) (all []string) {
	if p.Limit == 0 {
		p.Limit = 64 << 10
	}
	var logged strings.Builder
	defer log.SetOutput(log.Writer())
	log.SetOutput(&logged)
	synctest.Test(t, func(t *testing.T) {
		server := socketstest.NewServer(t, p.Serve(t))
		for i, o := range p.odds() {
			logged.Reset()
			v := visit{Program: p, server: server, room: fmt.Sprint("room ", i)}
			wrong := v.hurt(o)
			v.end()
			if wrong == "" && (logged.Len() > 1000 || strings.Contains(logged.String(), "\nforged")) {
				wrong = fmt.Sprintf("it logs %d bytes, %.100q", logged.Len(), logged.String())
			}
			if wrong != "" {
				all = append(all, fmt.Sprintf("%.40q, %.80q in %d bytes: %s", o.name, o.data,
					len(o.data), wrong))
			}
		}
	})
	return all
}

// visit is one user with a neighbour and a newcomer, in a room of their own.
type visit struct {
	Program
	server  *socketstest.Server
	room    string
	clients []*client
}

// hurt has a user do something odd, and returns who suffers from it.
func (v *visit) hurt(o odd) string {
	neighbour, err := v.enter(v.path(v.room, "neighbour"))
	if err != nil {
		return err.Error()
	}
	speaker, err := v.enter(o.path(v.path(v.room, "speaker")))
	switch {
	case err != nil && o.key == "":
		return err.Error()
	case err == nil:
		if o.key == "" && !v.talks(speaker, "say-before", speaker, neighbour) {
			return "nobody hears anything before"
		}
		speaker.forget()
		if o.kind == websocket.CloseMessage {
			speaker.WriteControl(o.kind, o.data, time.Time{})
		} else {
			speaker.WriteMessage(o.kind, o.data)
		}
		if heard, ended := speaker.hears(""); !heard && !ended {
			return "the speaker is not told"
		}
	}
	newcomer, err := v.enter(v.path(v.room, "newcomer"))
	switch {
	case err != nil:
		return fmt.Sprint("a newcomer: ", err)
	case !v.talks(newcomer, "say-hello", newcomer, neighbour):
		return "a newcomer is not heard"
	case !v.talks(neighbour, "say-welcome", neighbour, newcomer):
		return "a neighbour is not heard"
	}
	return ""
}

// talks has somebody say a text, and reports whether those who should have it hear it.
func (v *visit) talks(speaker *client, text string, hearers ...*client) bool {
	kind, data := v.message(text)
	if v.Say == nil {
		text = ""
	} else {
		speaker.WriteMessage(kind, data)
	}
	if v.Alone {
		hearers = hearers[:1]
	}
	for _, c := range hearers {
		if heard, _ := c.hears(text); !heard {
			return false
		}
	}
	return true
}

// end has all clients leave.
func (v *visit) end() {
	for _, c := range v.clients {
		c.Close()
	}
	synctest.Wait()
}

func (p Program) path(room, name string) string {
	if p.Path == nil {
		return "/socket"
	}
	return p.Path(room, name)
}

func (p Program) say(text string) any {
	if p.Say == nil {
		return text
	}
	return p.Say(text)
}

// message returns the type and the data of the frame that says a text.
func (p Program) message(text string) (kind int, data []byte) {
	switch said := p.say(text).(type) {
	case string:
		return websocket.TextMessage, []byte(said)
	case []byte:
		return websocket.BinaryMessage, said
	default:
		data, err := json.Marshal(said)
		if err != nil {
			panic(err)
		}
		return websocket.TextMessage, data
	}
}

// client reads all the time, as a page does.
type client struct {
	*websocket.Conn
	messages chan string // closed at the end
}

func (v *visit) enter(path string) (*client, error) {
	conn, _, err := v.server.Dial(path, nil)
	if err != nil {
		return nil, err
	}
	c := &client{conn, make(chan string, 1000)}
	v.clients = append(v.clients, c)
	go func() {
		defer close(c.messages)
		for {
			_, data, err := conn.ReadMessage()
			if err != nil {
				return
			}
			c.messages <- string(data)
		}
	}()
	synctest.Wait()
	return c, nil
}

// hears waits for a message that contains a text, or the end.
func (c *client) hears(text string) (heard, ended bool) {
	late := time.After(time.Minute)
	for {
		select {
		case message, open := <-c.messages:
			if !open || strings.Contains(message, text) {
				return open, !open
			}
		case <-late:
			return false, false
		}
	}
}

// forget takes what has come.
func (c *client) forget() {
	synctest.Wait()
	for len(c.messages) > 0 {
		<-c.messages
	}
}
