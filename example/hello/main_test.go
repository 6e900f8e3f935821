package main

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/apptest"
	"github.com/beatrichartz/martini-sockets/socketstest"
)

func TestRoomsThatRemember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := martini.Classic()
		m.Get("/socket", sockets.JSON(Message{}), talk)
		server := socketstest.NewServer(t, m)
		ann := dial(t, server, "?room=garden&at=")
		cleo := dial(t, server, "?room=cellar&at=")
		ann.WriteJSON(Message{ID: "1", Name: "Ann", Text: "one"})
		at := hears(t, ann, "one")
		ann.WriteJSON(Message{ID: "1", Name: "Ann", Text: "one"}) // is known
		ann.WriteJSON(Message{ID: "2", Name: "Ann", Text: "two"})
		hears(t, ann, "two")

		back := dial(t, server, "?room=garden&at="+at)
		hears(t, back, "two")
		newcomer := dial(t, server, "?room=garden&at=")
		hears(t, newcomer, "one")
		hears(t, newcomer, "two")
		cleo.WriteJSON(Message{ID: "1", Name: "Cleo", Text: "alone"})
		hears(t, cleo, "alone")
	})
}

// The README prints the program as it is.
func TestREADME(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```go\n"+string(program)+"```\n") {
		t.Error("README.md does not print hello/main.go as it is")
	}
}

func TestIsShort(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if lines := strings.Count(string(program), "\n"); err != nil || lines > 60 {
		t.Errorf("main.go has %d lines, %v, want 60 at the most", lines, err)
	}
}

func dial(t *testing.T, s *socketstest.Server, query string) *websocket.Conn {
	t.Helper()
	client, _, err := s.Dial("/socket"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func hears(t *testing.T, client *websocket.Conn, want string) (at string) {
	t.Helper()
	var m Message
	if err := client.ReadJSON(&m); err != nil || m.Text != want {
		t.Fatalf("ReadJSON() = %+v, %v, want %s", m, err, want)
	}
	return m.At
}

// A client cannot make the program read a form from its frames.
func TestBodyIsRefused(t *testing.T) {
	m := martini.Classic()
	m.Get("/socket", sockets.JSON(Message{}), talk)
	apptest.RefusesBodies(t, m, "/socket?room=of+its+own") // others have timers of a bubble
}

func TestNobodyIsHurt(t *testing.T) {
	apptest.Unhurt(t, apptest.Program{
		Serve: func(*testing.T) http.Handler {
			m := martini.Classic()
			m.Get("/socket", sockets.JSON(Message{}), talk)
			return m
		},
		Path: func(room, _ string) string {
			return "/socket?" + url.Values{"room": {room}, "at": {""}}.Encode()
		},
		Say: func(text string) any { return Message{text, "Ann", text, "0"} },
	})
}
