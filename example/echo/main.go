// An echo for binary messages: everything comes back as it was sent. Open http://localhost:3000.
package main

import (
	_ "embed"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
)

//go:embed index.html
var page string

func main() { app().Run() }

func app() *martini.ClassicMartini {
	m := martini.Classic()
	m.Get("/", func() string { return page })
	m.Get("/socket", sockets.ByteSliceMessages(), func(receiver <-chan []byte,
		sender chan<- []byte, done <-chan bool) {
		for {
			select {
			case data := <-receiver:
				sender <- data
			case <-done:
				return
			}
		}
	})
	return m
}
