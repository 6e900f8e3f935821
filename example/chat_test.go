package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/beatrichartz/martini-sockets/internal/apptest"
)

// A page that does not answer, on an open connection, is gone after 20 s.
func TestSilentPersonLeaves(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		ann := n.join("room", "Ann")
		conn, _, err := n.connect("/socket?" + query("room", "Bo", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() // nobody reads from it, not even a ping
		ann.gets("+Bo")
		start := time.Now()
		ann.gets("-Bo")
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
		ann.Close()
		time.Sleep(keepFor - time.Hour)
		bo := n.dial("room", "Bo", "")
		if bo.gets("welcome").Complete {
			t.Error("Complete = true, want false for somebody new")
		}
		for i := range keep {
			bo.gets(fmt.Sprint("Ann: message ", i+5))
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
			ann.send(&Message{Kind: "say", ID: tt.id, Text: tt.text})
			if answer := ann.gets("wrong"); answer.ID != tt.id || answer.Text != tt.want {
				t.Errorf("answer to %.10q = %+v, want %q", tt.text, answer, tt.want)
			}
		}
		ann.says("5", strings.Repeat("é", maxText))
	})
}

// What a page may not send has no effect, and ends nothing.
func TestPageSpeaksForItselfOnly(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		bo, ann := n.join("room", "Bo"), n.join("room", "Ann")
		bo.gets("+Ann")
		for kind, back := range map[string]string{
			"said": ": text", "news": "+Bo", "welcome": "welcome", "": "", "x": "x",
		} {
			ann.send(&Message{Kind: kind, ID: "1", Text: "text", Joined: []Person{{Name: "Bo"}}})
			ann.gets(back) // goes back to its page, and not to Bo
		}
		for _, data := range []string{`null`, `{}`, `{"kind":null,"from":null}`} {
			ann.WriteMessage(websocket.TextMessage, []byte(data))
			ann.gets("")
		}
		ann.send(&Message{Kind: "say", ID: "1", Text: "text", Time: 1,
			From: Person{ID: "somebody", Name: "Bo"}})
		if said := bo.gets("Ann: text"); said.Time == 1 {
			t.Errorf("said = %+v, want it to be now", said)
		}
	})
}

// The server has not noticed yet that a connection is gone when its page comes back.
func TestReconnect(t *testing.T) {
	alone(t, func(t *testing.T, n *node) {
		bo := n.join("room", "Bo")
		lost := n.join("room", "Ann")
		bo.gets("+Ann")
		at := lost.says("1", "one").At
		bo.gets("Ann: one")
		bo.says("1", "two")
		back := n.dial("room", "Ann", at)
		if m := back.gets("welcome"); !m.Complete || len(m.Joined) != 2 {
			t.Errorf("welcome = %+v, want all that was missed, and two people", m)
		}
		back.gets("Bo: two")
		back.silent()
		lost.Close()
		time.Sleep(time.Second)
		back.says("2", "three")
		bo.gets("Ann: three") // who has seen Ann neither leave nor join
	})
}

func TestNobodyIsHurt(t *testing.T) {
	apptest.Unhurt(t, apptest.Program{
		Serve: func(t *testing.T) http.Handler { _, h := serve(t, nil); return h },
		Path:  func(room, name string) string { return "/socket?" + query(room, name, "1") },
		Say: func(text string) any {
			return Message{Kind: "say", ID: text, From: Person{ID: "1", Name: "Bo"},
				Text: text, Time: 1, At: "1", Complete: true,
				Joined: []Person{{Name: "Bo"}}, Left: []Person{{Name: "Bo"}}}
		},
		Limit: 16 << 10,
	})
}
