package main

import (
	"errors"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/memlog"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
	"github.com/beatrichartz/martini-sockets/rooms/redisrooms"
	"github.com/nats-io/nats.go"
	"github.com/redis/go-redis/v9"
)

// What is kept of each room: so many messages, for so long.
const keep, keepFor = 250, 24 * time.Hour

// openChat makes a node. With a URL, a server of NATS or Redis joins it to others.
func openChat(natsURL, redisURL string) (c *Chat, closeChat func(), err error) {
	switch {
	case natsURL != "" && redisURL != "":
		return nil, nil, errors.New("-nats or -redis, not both")
	case natsURL != "":
		return openNATS(natsURL)
	case redisURL != "":
		return openRedis(redisURL)
	}
	c = newChat(memlog.New(keep, keepFor), nil)
	return c, c.people.Close, nil
}

func openRedis(url string) (c *Chat, closeChat func(), err error) {
	o, err := redis.ParseURL(url)
	if err != nil {
		return nil, nil, err
	}
	redisrooms.Recommended(o)
	client := redis.NewClient(o)
	history := redisrooms.NewLog(client, &redisrooms.LogOptions{
		Prefix: "chat:said", Count: keep, Age: keepFor})
	broker := redisrooms.NewBroker(client, &redisrooms.BrokerOptions{Prefix: "chat:people"})
	c = newChat(history, broker)
	return c, func() { c.people.Close(); broker.Close(); history.Close(); client.Close() }, nil
}

func openNATS(url string) (c *Chat, closeChat func(), err error) {
	nc, err := nats.Connect(url, natsrooms.Recommended)
	if err != nil {
		return nil, nil, err
	}
	history := natsrooms.NewLog(nc, &natsrooms.LogOptions{
		Stream: "CHAT", Prefix: "chat.said", Count: keep, Age: keepFor, Bytes: 1 << 30})
	broker := natsrooms.NewBroker(nc, &natsrooms.BrokerOptions{Prefix: "chat.people"})
	c = newChat(history, broker)
	return c, func() { c.people.Close(); broker.Close(); history.Close(); nc.Close() }, nil
}
