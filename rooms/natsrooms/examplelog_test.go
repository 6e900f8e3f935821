package natsrooms_test

import (
	"context"
	"log"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// One of several processes. A client that comes back tells the last position that it has
// seen, and gets what it missed, whichever process it was at.
func ExampleNewLog() {
	nc, err := nats.Connect("nats://nats.internal", natsrooms.Recommended)
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	history := natsrooms.NewLog(nc, &natsrooms.LogOptions{
		Stream: "CHAT", Prefix: "app.chat", Replicas: 3, Age: time.Hour,
	})
	defer history.Close()
	chat := rooms.NewOnLog(history, &rooms.Options[string]{
		OnError: func(room string, err error) { log.Printf("room %q: %v", room, err) },
	})

	position := "" // what the client says that it has seen last
	bob := make(chan string, 1)
	member, missed, err := chat.JoinAfter("lobby", position, bob, nil, "bob")
	if err != nil {
		log.Fatal(err)
	}
	defer member.Leave()
	for _, message := range missed.Messages {
		log.Print(message.Value, " at ", message.Position)
	}
	member.Start()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := chat.Say(ctx, "lobby", "bob/1", "here I am again"); err != nil {
		log.Print("not said, or uncertain: ", err)
	}
}
