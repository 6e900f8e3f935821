package broker_test

import (
	"fmt"
	"log"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// Two processes on one NATS, which is embedded here.
func Example() {
	embedded, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoLog: true, NoSigs: true,
	})
	if err != nil {
		log.Fatal(err)
	}
	embedded.Start()
	defer embedded.Shutdown()

	process := func() (chat *rooms.Rooms[string], end func()) {
		nc, err := nats.Connect(embedded.ClientURL(), natsrooms.Recommended)
		if err != nil {
			log.Fatal(err)
		}
		broker := natsrooms.NewBroker(nc, &natsrooms.BrokerOptions{Prefix: "example.chat"})
		return rooms.New(&rooms.Options[string]{Broker: broker}), func() {
			broker.Close()
			nc.Close()
		}
	}
	here, end := process()
	defer end()
	there, end := process()
	defer end()

	bob := make(chan string, 1)
	member, err := there.Join("lobby", bob, nil, "bob")
	if err != nil {
		log.Fatal(err)
	}
	defer member.Leave()
	if err := here.Broadcast("lobby", "hello from another machine"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-bob)
	// Output: hello from another machine
}
