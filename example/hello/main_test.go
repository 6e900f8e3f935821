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

func serve(*testing.T) http.Handler {
	m := martini.Classic()
	m.Get("/socket", sockets.JSON(Message{}), talk)
	return m
}

func TestRoomsThatRemember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := socketstest.NewServer(t, serve(t))
		enter := func(name, after string) *websocket.Conn {
			query := url.Values{"room": {name}, "after": {after}}
			return apptest.Dial(t, server, "/socket?"+query.Encode())
		}
		ann, bo, cleo := enter("garden", ""), enter("garden", ""), enter("cellar", "")
		one := Message{ID: "1", Name: "Ann", Text: "one"}
		ann.WriteJSON(one)
		at := hears(t, ann, "one")
		ann.WriteJSON(one) // is known
		hears(t, bo, "one")
		bo.WriteJSON(Message{ID: "1", Name: "Bo", Text: "two"}) // another's 1
		hears(t, ann, "two")
		hears(t, enter("garden", at), "two")
		hears(t, enter("garden", ""), "one")
		cleo.WriteJSON(one)
		hears(t, cleo, "one")
	})
}

// The README prints the program as it is.
func TestREADME(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil || !strings.Contains(string(readme), "```go\n"+string(program)+"```\n") {
		t.Errorf("README.md, %v, does not print hello/main.go as it is", err)
	}
	if lines := strings.Count(string(program), "\n"); lines > 60 {
		t.Errorf("main.go has %d lines, want 60 at the most", lines)
	}
}

func hears(t *testing.T, client *websocket.Conn, want string) (at string) {
	t.Helper()
	var m Message
	if err := client.ReadJSON(&m); err != nil || !strings.Contains(m.Text, want) {
		t.Fatalf("ReadJSON() = %+v, %v, want %s", m, err, want)
	}
	return m.At
}

func TestNobodyIsHurt(t *testing.T) {
	apptest.Unhurt(t, apptest.Program{
		Serve: serve,
		Path: func(room, _ string) string {
			return "/socket?" + url.Values{"room": {room}}.Encode()
		},
		Say:   func(text string) any { return Message{text, "Ann", text, "0"} },
		Limit: 64 << 10,
	})
}
