// A dashboard: every second it measures this process, and shows the same values to
// everybody who looks. A value is encoded and framed once, however many look. Who comes
// sees all values at once, and who is slow skips those that are out of date.
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
	"github.com/beatrichartz/martini-sockets/live"
	"github.com/beatrichartz/martini-sockets/rooms"
)

//go:embed index.html
var page string

// Value is one value of the dashboard.
type Value struct {
	Name  string `json:"name"`
	Value uint64 `json:"value"`
}

func main() { app(context.Background()).Run() }

// app is the dashboard; it measures until ctx ends.
func app(ctx context.Context) *martini.ClassicMartini {
	viewers := rooms.New(&rooms.Options[*sockets.Prepared]{
		Latest: (*sockets.Prepared).Key, Retain: true})
	go measure(ctx, viewers)
	m := martini.Classic()
	m.Get("/", func() string { return page })
	m.Get("/live.js", live.Serve)
	slow := &sockets.Options{SocketSendBuffer: 32 << 10} // no more is out of date on its way
	m.Get("/socket", sockets.Messages(slow), func(receiver <-chan string,
		sender chan<- *sockets.Prepared, disconnect chan<- int, done <-chan bool) {
		viewer, _ := viewers.Join("all", sender, disconnect, nil) // no error: it is new
		defer viewer.Leave()
		for {
			select {
			case <-receiver: // a page says only that it is there; the values are the answer
			case <-done:
				return
			}
		}
	})
	return m
}

// measure sends the values to all viewers, now and every second, until ctx ends. It is in
// the room itself, so that the room remembers them while nobody looks.
func measure(ctx context.Context, viewers *rooms.Rooms[*sockets.Prepared]) {
	me, _ := viewers.Join("all", make(chan *sockets.Prepared), nil, nil)
	defer me.Leave()
	second := time.Tick(time.Second)
	for {
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		for _, v := range []Value{
			{"viewers", uint64(viewers.Len("all") - 1)},
			{"goroutines", uint64(runtime.NumGoroutine())},
			{"bytes", memory.HeapAlloc},
		} {
			message, err := sockets.PrepareJSON(v)
			if err == nil {
				err = me.BroadcastOthers(message.WithKey(v.Name))
			}
			if err != nil {
				log.Println(err)
			}
		}
		select {
		case <-second:
		case <-ctx.Done():
			return
		}
	}
}
