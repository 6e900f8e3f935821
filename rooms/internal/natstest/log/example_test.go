package log_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Two processes on one NATS, which is embedded here. A client moves from one to the
// other.
func Example() {
	dir, err := os.MkdirTemp("", "natsrooms")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	embedded, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: dir,
	})
	if err != nil {
		log.Fatal(err)
	}
	embedded.Start()
	defer embedded.Shutdown()

	process := func() (chat *rooms.LogRooms[string], end func()) {
		nc, err := nats.Connect(embedded.ClientURL(), natsrooms.Recommended)
		if err != nil {
			log.Fatal(err)
		}
		history := natsrooms.NewLog(nc, &natsrooms.LogOptions{Stream: "CHAT", Prefix: "example.chat"})
		return rooms.NewOnLog[string](history, nil), func() {
			history.Close()
			nc.Close()
		}
	}
	here, end := process()
	defer end()
	there, end := process()
	defer end()

	ctx := context.Background()
	position, err := here.Say(ctx, "lobby", "ann/1", "seen here")
	if err != nil {
		log.Fatal(err)
	}
	here.Say(ctx, "lobby", "ann/2", "missed on the way")
	bob := make(chan string, 1)
	member, missed, err := there.JoinAfter("lobby", position, bob, nil, "bob")
	if err != nil {
		log.Fatal(err)
	}
	defer member.Leave()
	member.Start()
	here.Say(ctx, "lobby", "ann/3", "live there")
	fmt.Println(missed.Messages[0].Value, missed.Complete)
	fmt.Println(<-bob)
	// Output:
	// missed on the way true
	// live there
}
