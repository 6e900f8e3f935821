// Package apptest holds what the tests of package sockets share: applications,
// handlers, and what a handler and a client see of a connection.
package apptest

import (
	"io"
	"log"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets"
	"github.com/go-martini/martini"
)

// Silent returns options for tests that do not look at the log. Each function
// may change them.
func Silent(set ...func(*sockets.Options)) *sockets.Options {
	o := &sockets.Options{SkipLogging: true}
	for _, f := range set {
		f(o)
	}
	return o
}

// In returns silent options with a group.
func In(g *sockets.Group) *sockets.Options {
	return Silent(func(o *sockets.Options) { o.Group = g })
}

// Quiet makes a Martini log nothing.
func Quiet(m *martini.Martini) { m.Logger(log.New(io.Discard, "", 0)) }

// App returns a Martini that logs nothing, with handlers at /ws. A Kind among them stands
// for the middleware. BothDoors makes App return the same without Martini.
func App(handlers ...martini.Handler) http.Handler {
	if h, ok := Plain(handlers...); ok {
		mux := http.NewServeMux()
		mux.Handle("/ws", h)
		return mux
	}
	r := martini.NewRouter()
	handlers = slices.Clone(handlers)
	for i, h := range handlers {
		if k, ok := h.(Kind); ok {
			handlers[i] = k.middleware
		}
	}
	r.Any("/ws", handlers...)
	m := martini.New()
	Quiet(m)
	m.Use(martini.Recovery())
	m.Action(r.Handle)
	return m
}

// Messages returns an App with a websocket of strings and its handler.
func Messages(handler martini.Handler, set ...func(*sockets.Options)) http.Handler {
	return App(Text(Silent(set...)), handler)
}

// Bubble runs a subtest in a synctest bubble of its own.
func Bubble(t *testing.T, name string, f func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}
