package redisrooms_test

import (
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
)

// One of several processes. What is said in the lobby of one is heard in that of all.
func ExampleNewBroker() {
	client := redis.NewClient(&redis.Options{Addr: "redis.internal:6379"})
	defer client.Close()
	broker := redisrooms.NewBroker(client, &redisrooms.BrokerOptions{Prefix: "app:chat"})
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

// A master that three sentinels watch. Without MasterName, two addresses or more are
// those of a cluster.
func ExampleRecommended() {
	o := &redis.UniversalOptions{
		MasterName: "chat",
		Addrs:      []string{"a.internal:26379", "b.internal:26379", "c.internal:26379"},
		Username:   "chat",
		Password:   "secret",
	}
	redisrooms.Recommended(o)
	client := redis.NewUniversalClient(o)
	defer client.Close()
	broker := redisrooms.NewBroker(client, nil)
	defer broker.Close()
}
