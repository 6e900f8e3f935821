package rooms_test

import (
	"context"
	"fmt"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/memlog"
)

// A client that comes back gets what it has missed.
func ExampleRooms_JoinAfter() {
	chat := rooms.New(&rooms.Options[string]{Log: memlog.New(50, time.Minute)})
	ctx := context.Background()
	position, _ := chat.Say(ctx, "lobby", "id 1", "what ann has seen")
	chat.Say(ctx, "lobby", "id 2", "what she has missed")

	ann := make(chan string, 10)
	me, missed, err := chat.JoinAfter("lobby", position, ann, nil, "ann")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer me.Leave()
	for _, said := range missed.Messages {
		fmt.Println(said.Value)
	}
	fmt.Println("complete:", missed.Complete)
	me.Start()
	chat.Say(ctx, "lobby", "id 3", "what is live")
	fmt.Println(<-ann)
	// Output:
	// what she has missed
	// complete: true
	// what is live
}

// Typed messages carry their position: a client knows where it was from what it has got.
func ExampleRooms_JoinAfter_stamp() {
	type Line struct {
		Text string `json:"text"`
		At   string `json:"at,omitempty"`
	}
	chat := rooms.New(&rooms.Options[*Line]{
		Log:   memlog.New(50, time.Minute),
		Stamp: func(l *Line, position string) *Line { l.At = position; return l },
	})
	ctx := context.Background()
	ann := make(chan *Line, 10)
	me, _, _ := chat.JoinAfter("lobby", "", ann, nil, "ann")
	me.Start()
	me.Say(ctx, "id 1", &Line{Text: "hello"})
	seen := <-ann // the last before she is cut off
	me.Leave()
	chat.Say(ctx, "lobby", "id 2", &Line{Text: "hello, ann"})

	me, missed, _ := chat.JoinAfter("lobby", seen.At, ann, nil, "ann")
	defer me.Leave()
	for _, said := range missed.Messages {
		fmt.Println(said.Value.Text, said.Value.At == said.Position)
	}
	fmt.Println("complete:", missed.Complete)
	// Output:
	// hello, ann true
	// complete: true
}

// A page that does not know whether its message has arrived says it again.
func ExampleRooms_Say() {
	chat := rooms.New(&rooms.Options[string]{Log: memlog.New(50, time.Minute)})
	first, _ := chat.Say(context.Background(), "lobby", "ann/7", "hello")
	again, _ := chat.Say(context.Background(), "lobby", "ann/7", "hello")
	fmt.Println(first == again)
	// Output: true
}
