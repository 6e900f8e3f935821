// A dashboard that only sends: every second it measures this process, and shows the same
// numbers to everybody who looks. They are encoded and framed once, however many look.
// Open http://localhost:3000.
package main

import (
	"context"
	_ "embed"
	"log"
	"runtime"
	"time"

	"github.com/go-martini/martini"

	sockets "github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
)

//go:embed index.html
var page string

// Numbers are what the dashboard shows.
type Numbers struct {
	Viewers    int    `json:"viewers"`
	Goroutines int    `json:"goroutines"`
	Bytes      uint64 `json:"bytes"`
}

func main() { app(context.Background()).Run() }

// app is the dashboard; it measures until ctx ends.
func app(ctx context.Context) *martini.ClassicMartini {
	viewers := rooms.New[*sockets.Prepared](nil)
	go measure(ctx, viewers)
	m := martini.Classic()
	m.Get("/", func() string { return page })
	m.Get("/socket", sockets.Messages(), func(receiver <-chan string,
		sender chan<- *sockets.Prepared, disconnect chan<- int, done <-chan bool) {
		viewer, err := viewers.Join("all", sender, disconnect, nil)
		if err != nil {
			return
		}
		defer viewer.Leave()
		for {
			select {
			case <-receiver: // a page has nothing to say, but its close frame comes after it
			case <-done:
				return
			}
		}
	})
	return m
}

// measure sends the numbers to all viewers, every second, until ctx ends.
func measure(ctx context.Context, viewers *rooms.Rooms[*sockets.Prepared]) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		select {
		case <-second.C:
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			message, err := sockets.PrepareJSON(Numbers{
				viewers.Len("all"), runtime.NumGoroutine(), memory.HeapAlloc})
			if err == nil {
				err = viewers.Broadcast("all", message)
			}
			if err != nil {
				log.Println(err)
			}
		case <-ctx.Done():
			return
		}
	}
}
