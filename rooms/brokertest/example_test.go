package brokertest_test

import (
	"fmt"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// Testing what a program does in an outage.
func ExampleMemory() {
	var network brokertest.Memory
	here := rooms.New(&rooms.Options[string]{Broker: network.Broker()})
	there := rooms.New(&rooms.Options[string]{Broker: network.Broker()})
	bob := make(chan string, 10)
	there.Join("lobby", bob, nil, "bob")

	network.Stop()
	fmt.Println(here.Broadcast("lobby", "lost"))
	network.Start()
	fmt.Println(here.Broadcast("lobby", "hello"), <-bob)
	// Output:
	// rooms: publish to "lobby": brokertest: the network is stopped
	// <nil> hello
}
