package natsrooms_test

import (
	"log"

	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// One of several processes. What is said in the lobby of one is heard in that of all.
func ExampleNewBroker() {
	nc, err := nats.Connect("nats://nats.internal", natsrooms.Recommended)
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	broker := natsrooms.NewBroker(nc, &natsrooms.BrokerOptions{Prefix: "app.chat"})
	defer broker.Close()
	chat := rooms.New(&rooms.Options[string]{
		Broker:  broker,
		OnError: func(room string, err error) { log.Printf("room %q: %v", room, err) },
	})

	bob := make(chan string, 1)
	member, err := chat.Join("lobby", bob, nil, "bob")
	if err != nil {
		log.Fatal(err)
	}
	defer member.Leave()
	if err := chat.Broadcast("lobby", "hello, other machines"); err != nil {
		log.Print("not said on other machines: ", err)
	}
}

// A cluster with TLS and credentials. The files come from whoever runs NATS: the
// certificate of its authority, and a user of nsc, whose permissions should be those of
// the prefix.
func ExampleRecommended() {
	servers := "tls://a.nats.internal,tls://b.nats.internal,tls://c.nats.internal"
	nc, err := nats.Connect(servers,
		natsrooms.Recommended,
		nats.Name("chat"),
		nats.RootCAs("/etc/chat/nats-ca.pem"),
		nats.UserCredentials("/etc/chat/nats.creds"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Print("nats: ", err) // a missing permission, above all
		}),
	)
	if err != nil {
		log.Fatal(err)
	}
	defer nc.Close()
	broker := natsrooms.NewBroker(nc, &natsrooms.BrokerOptions{Prefix: "app.chat"})
	defer broker.Close()
}
