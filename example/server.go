package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
)

// handler is the chat as Martini serves it.
func handler(chat *Chat, group *sockets.Group) http.Handler {
	r := martini.NewRouter()
	r.Get("/", chat.showLobby)
	r.Get("/room", chat.showRoom)
	r.Get("/assets/**", assets())
	r.Get("/socket", sockets.JSON(Message{}, &sockets.Options{
		Group:          group,
		MaxMessageSize: maxMessage,
		PongWait:       20 * time.Second, // so long a person who vanished is still shown
		LogLevel:       sockets.LogLevelWarning,
	}), chat.talk)

	m := martini.New()
	m.Use(martini.Recovery())
	m.Use(secure)
	m.MapTo(r, (*martini.Routes)(nil))
	m.Action(r.Handle)
	return m
}

// shutdownWait is how long people have to take what was said before the end.
const shutdownWait = 5 * time.Second

// serve runs the chat until ctx ends, and then sends everybody away: pages are told 1001, and come back to whoever listens at
// the address by then. At the end it closes the chat.
func serve(ctx context.Context, l net.Listener, chat *Chat) error {
	defer chat.Close()
	var group sockets.Group
	server := &http.Server{Handler: handler(chat, &group), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	// Ends with the server: when its listener fails, or at Shutdown below.
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	chat.ending.Store(true)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
	defer cancel()
	// The server takes no new connections, and knows nothing of those that have become websockets: they are the group's.
	return errors.Join(server.Shutdown(ctx), group.Shutdown(ctx))
}
