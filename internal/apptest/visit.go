package apptest

import (
	"cmp"
	"fmt"
	"strings"
	"testing/synctest"
	"time"

	"github.com/beatrichartz/martini-sockets/socketstest"
	"github.com/gorilla/websocket"
)

// visit is one user with a neighbour and a newcomer, in a room of their own.
type visit struct {
	Program
	server  *socketstest.Server
	room    string
	clients []*Page
}

// hurt has a user do something odd, and returns who suffers from it.
func (v *visit) hurt(o odd) string {
	neighbour, err := v.enter(v.Path(v.room, "neighbour"))
	if err != nil {
		return err.Error()
	}
	speaker, err := v.enter(o.path(v.Path(v.room, "speaker")))
	switch {
	case err != nil && o.key == "":
		return err.Error()
	case err == nil:
		if o.key == "" && !v.talks(speaker, "say-before", speaker, neighbour) {
			return "nobody hears anything before"
		}
		for synctest.Wait(); len(speaker.Messages) > 0; {
			<-speaker.Messages
		}
		if o.kind == websocket.CloseMessage {
			speaker.WriteControl(o.kind, o.data, time.Time{})
		} else {
			speaker.WriteMessage(cmp.Or(o.kind, websocket.TextMessage), o.data)
		}
		if heard, ended := speaker.hears(""); !heard && !ended {
			return "the speaker is not told"
		}
	}
	newcomer, err := v.enter(v.Path(v.room, "newcomer"))
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
func (v *visit) talks(speaker *Page, text string, hearers ...*Page) bool {
	if v.Say == nil {
		text = ""
	} else {
		speaker.WriteMessage(websocket.TextMessage, v.message(text))
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

func (v *visit) enter(path string) (*Page, error) {
	conn, _, err := v.server.Dial(path, nil)
	if err != nil {
		return nil, err
	}
	c := Open(conn)
	v.clients = append(v.clients, c)
	synctest.Wait()
	return c, nil
}

// hears waits for a message that contains a text, or the end.
func (p *Page) hears(text string) (heard, ended bool) {
	late := time.After(time.Minute)
	for {
		select {
		case message, open := <-p.Messages:
			if !open || strings.Contains(message, text) {
				return open, !open
			}
		case <-late:
			return false, false
		}
	}
}
