package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// A page that does not answer, on a connection that nobody has closed, is gone after 20 s.
func TestSilentPersonLeaves(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann := n.join("room", "Ann")
		conn, _, err := n.connect("/socket?" + query("room", "Bo", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // nobody reads from it, not even a ping
		ann.sees("+Bo")
		start := time.Now()
		ann.sees("-Bo")
		if took := time.Since(start); took > 21*time.Second {
			t.Errorf("Bo was shown for %v, want 20s", took)
		}
	})
}

// The history is bounded, and outlives the people. Who says much is slowed down.
func TestHistory(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann := n.join("room", "Ann")
		start := time.Now()
		for i := range keep + 5 {
			ann.says(fmt.Sprint(i), fmt.Sprint("message ", i))
		}
		if took := time.Since(start).Round(time.Second); took != 47*time.Second {
			t.Errorf("255 messages took %v, want 47s: 20 at once, 5 a second", took)
		}
		ann.leaves()
		ann.ends(websocket.CloseGoingAway, "")
		time.Sleep(keepFor - time.Hour)
		bo := n.dial("room", "Bo", "")
		if bo.next("welcome").Complete {
			t.Error("Complete = true, want false for somebody new")
		}
		for i := range keep {
			bo.hears("Ann", fmt.Sprint("message ", i+5))
		}
	})
}

func TestWrongMessagesAreAnswered(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann := n.join("room", "Ann")
		for _, tt := range []struct{ id, text, want string }{
			{"2", " \n\t ", "a message has 1 to 1000 characters"},
			{"3", strings.Repeat("é", maxText+1), "a message has 1 to 1000 characters"},
			{strings.Repeat("4", maxID), "text", "a message has an id of 1 to 64 bytes"},
			{"", "text", "a message has an id of 1 to 64 bytes"},
		} {
			answer, _ := ann.asks(&Message{Kind: "say", ID: tt.id, Text: tt.text})
			if answer.Kind != "wrong" || answer.ID != tt.id || answer.Text != tt.want {
				t.Errorf("answer to %.10q = %+v, want %q", tt.text, answer, tt.want)
			}
		}
		ann.says("5", strings.Repeat("é", maxText))
	})
}

// What a page may not send has no effect, and ends nothing.
func TestPageSpeaksForItselfOnly(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann := n.join("room", "Ann")
		for _, kind := range []string{"said", "news", "welcome", "", "x"} {
			ann.send(&Message{Kind: kind, ID: "1", Text: "text", Joined: []Person{{Name: "Bo"}}})
			ann.next(kind) // goes back to its page, and to nobody beside it
		}
		for _, data := range []string{`null`, `{}`, `{"kind":null,"from":null}`} {
			ann.WriteMessage(websocket.TextMessage, []byte(data))
			ann.next("")
		}
		_, said := ann.asks(&Message{Kind: "say", ID: "1", Text: "text", Time: 1,
			From: Person{ID: "somebody", Name: "Bo"}})
		if said.From.Name != "Ann" || said.Time == 1 {
			t.Errorf("said = %+v, want it to be Ann's, now", said)
		}
	})
}

func TestRefusedPeople(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		for _, name := range []string{"Ann", "Größe", "Σας"} {
			n.join("room", name)
		}
		for _, tt := range []struct{ room, name, want string }{
			{"room", "", "please type a name"},
			{"room", "Ann", taken},
			{"room", " aNN ", taken},
			{"room", "A nn", taken},
			{"room", "A\u200dnn", taken},
			{"room", "GRÖßE", taken},
			{"room", "ΣΑΣ", taken},
			{"", "Bo", "please type a name"},
			{strings.Repeat("r", maxRoom+1), "Bo",
				"that name is too long: 40 characters are the most"},
		} {
			code := closeRefused
			if tt.room != "room" {
				code = closeNoRoom
			}
			n.dial(tt.room, tt.name, "", "another key").ends(code, tt.want)
		}
		n.join("room", "Anna")
		n.join("another room", "Ann", "another key")
	})
}

// The server has not noticed yet that a connection is gone when its page comes back.
func TestReconnect(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		bo := n.join("room", "Bo")
		lost := n.join("room", "Ann")
		bo.sees("+Ann")
		at := lost.says("1", "one").At
		bo.hears("Ann", "one")
		bo.says("1", "two")

		back := n.dial("room", "Ann", at)
		if m := back.next("welcome"); !m.Complete || len(m.Joined) != 2 {
			t.Errorf("welcome = %+v, want all that was missed, and two people", m)
		}
		back.hears("Bo", "two")
		back.send(&Message{Kind: "say", ID: "1", Text: "one"}) // the page got no answer
		back.next("kept")
		back.silent()
		lost.leaves()
		back.says("2", "three")
		bo.hears("Ann", "three") // who has seen Ann neither leave nor join, nor say it again
	})
}

func TestNobodyIsHurt(t *testing.T) {
	apptest.Unhurt(t, apptest.Program{
		Serve: func(t *testing.T) http.Handler {
			chat := newChat(memlog.New(keep, keepFor), nil)
			t.Cleanup(chat.people.Close)
			return handler(chat, new(sockets.Group))
		},
		Path: func(room, name string) string { return "/socket?" + query(room, name, "1") },
		Say: func(text string) any {
			return Message{Kind: "say", ID: text, From: Person{ID: "1", Name: "Bo"},
				Text: text, Time: 1, At: "1", Complete: true,
				Joined: []Person{{Name: "Bo"}}, Left: []Person{{Name: "Bo"}}}
		},
		Limit: 16 << 10,
	})
}
