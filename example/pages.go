package main

import (
	"embed"
	"html/template"
	"io/fs"
	"log"
	"net/http"
	"regexp"

	"github.com/go-martini/martini"
)

//go:embed pages
var pageFiles embed.FS

//go:embed assets
var assetFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// lobbyPage is what pages/lobby.html shows.
type lobbyPage struct {
	Typed string // what was typed, when it was wrong
	Error string
	Rooms []Room
}

// roomPage is what pages/room.html shows.
type roomPage struct {
	Room                string
	MaxText, MaxHistory int
}

// showLobby is the page to choose a room.
func (c *Chat) showLobby(w http.ResponseWriter) {
	show(w, http.StatusOK, "lobby.html", lobbyPage{Rooms: c.list()})
}

// showRoom is the page of a room, or the page to choose one again when its name is wrong.
func (c *Chat) showRoom(w http.ResponseWriter, r *http.Request) {
	name, err := checkRoom(r.FormValue("room"))
	if err != nil {
		show(w, http.StatusBadRequest, "lobby.html", lobbyPage{Typed: r.FormValue("room"), Error: err.Error(), Rooms: c.list()})
		return
	}
	show(w, http.StatusOK, "room.html", roomPage{name, maxText, maxHistory})
}

func show(w http.ResponseWriter, status int, page string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, page, data); err != nil {
		log.Printf("%s: %v", page, err)
	}
}

// assets serves scripts and styles.
func assets() martini.Handler {
	files, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic(err) // the name is wrong
	}
	return http.StripPrefix("/assets/", http.FileServerFS(files)).ServeHTTP
}

// secure lets pages load what is ours, connect to where they came from, and nothing else.
func secure(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'"+
		socketSources(r.Host)+"; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer") // addresses have names of rooms
	h.Set("Cache-Control", "no-cache")
}

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`)

// socketSources names our own websockets, for browsers in which 'self' is not enough for them. A host that could say more
// than that in a policy is left out.
func socketSources(host string) string {
	if !plainHost.MatchString(host) {
		return ""
	}
	return " ws://" + host + " wss://" + host
}
