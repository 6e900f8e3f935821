package main

import (
	"net/http"
	"time"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/example/pages"
	"github.com/beatrichartz/martini-sockets/live"
	"github.com/go-martini/martini"
)

// handler is the chat as Martini serves it.
func handler(chat *Chat, group *sockets.Group) http.Handler {
	r := martini.NewRouter()
	r.Get("/socket", sockets.JSON(Message{}, &sockets.Options{
		Group:          group,
		MaxMessageSize: 16 << 10,
		MaxSendSize:    -1,               // a welcome lists everybody in the room
		PongWait:       20 * time.Second, // then a person who vanished has left
		LogLevel:       sockets.LogLevelWarning,
	}), chat.talk)
	r.Get("/rooms", chat.rooms)
	r.Get("/live.js", live.Serve)
	r.Get("/**", pages.Handler())
	m := martini.New()
	m.Use(martini.Recovery())
	m.MapTo(r, (*martini.Routes)(nil))
	m.Action(r.Handle)
	return m
}
