// A chat of strings in one room: whatever one says, all hear. Open http://localhost:3000
// in two windows.
package main

import (
	_ "embed"
	"log"
	"time"

	"github.com/go-martini/martini"
	"github.com/gorilla/websocket"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
)

//go:embed index.html
var page string

func main() { app(30 * time.Minute).Run() }

// app is the chat; nobody stays longer than the given time.
func app(longest time.Duration) *martini.ClassicMartini {
	chat := rooms.New[string](nil)
	m := martini.Classic()
	m.Get("/", func() string { return page })
	m.Get("/socket", sockets.Messages(), func(receiver <-chan string, sender chan<- string,
		done <-chan bool, disconnect chan<- int, errs <-chan error) {
		member, err := chat.Join("everybody", sender, disconnect, nil)
		if err != nil {
			return
		}
		defer member.Leave()
		over := time.After(longest)
		for {
			select {
			case text := <-receiver:
				if err := member.Broadcast(text); err != nil {
					sender <- "Nobody heard that: " + err.Error()
				}
			case <-over:
				disconnect <- websocket.CloseNormalClosure
			case err := <-errs:
				log.Printf("a client was lost: %q", err) // it quotes what the client said
			case <-done:
				return
			}
		}
	})
	return m
}
