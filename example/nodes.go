package main

import (
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/memlog"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// What is kept of each room: so many messages, for so long.
const keep, keepFor = 250, 24 * time.Hour

// openChat makes a node: the only one, or one of those at the NATS server of a URL.
func openChat(url, files string) (c *Chat, closeChat func(), err error) {
	if url == "" {
		c = newChat(memlog.New(keep, keepFor), nil)
		return c, c.people.Close, nil
	}
	stop := func() {}
	if strings.HasPrefix(url, "embed") {
		port := 4222
		fmt.Sscanf(url, "embed:%d", &port)
		if url, stop, err = startNATS(port, files); err != nil {
			return nil, nil, err
		}
		log.Printf("what is said is kept in %s; other nodes join with -nats %s", files, url)
	}
	nc, err := nats.Connect(url, natsrooms.Recommended)
	if err != nil {
		stop()
		return nil, nil, err
	}
	history := natsrooms.NewLog(nc, &natsrooms.LogOptions{
		Stream: "CHAT", Prefix: "chat.said", Count: keep, Age: keepFor, Bytes: 1 << 30})
	broker := natsrooms.NewBroker(nc, &natsrooms.BrokerOptions{Prefix: "chat.people"})
	c = newChat(history, broker)
	return c, func() { c.people.Close(); broker.Close(); history.Close(); nc.Close(); stop() }, nil
}

// startNATS starts a NATS server that only this machine can reach, with its files in a
// folder, for trying things out. Port -1 is any free one. It listens when startNATS returns.
func startNATS(port int, files string) (url string, stop func(), err error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port,
		JetStream: true, StoreDir: files, NoSigs: true, NoLog: true})
	if err != nil {
		return "", nil, err
	}
	s.Start()
	stop = func() { s.Shutdown(); s.WaitForShutdown() }
	if !s.ReadyForConnections(10 * time.Second) {
		stop()
		return "", nil, fmt.Errorf("no NATS server at port %d: is it taken?", port)
	}
	return s.ClientURL(), stop, nil
}
