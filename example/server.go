package main

import (
	"archive/tar"
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	sockets "github.com/beatrichartz/martini-sockets"
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
	r.Get("/**", pages())
	m := martini.New()
	m.Use(martini.Recovery())
	m.Action(r.Handle)
	return m
}

//go:embed pages
var embedded embed.FS

// policy lets pages load what is ours, connect to where they came from, and nothing more.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
	"connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// pages serves the folder. A browser that has a page asks whether it has changed.
func pages() http.HandlerFunc {
	files, _ := fs.Sub(embedded, "pages")
	hash := sha256.New()
	tar.NewWriter(hash).AddFS(files)
	tag, server := fmt.Sprintf(`"%x"`, hash.Sum(nil)), http.FileServerFS(files)
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("ETag", tag)
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer") // addresses have names of rooms
		server.ServeHTTP(w, r)
	}
}
