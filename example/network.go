package main

import (
	"errors"
	"fmt"
	"log"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/natsbroker"
)

// network is this node's way to the others.
type network struct {
	broker   *natsbroker.Broker
	nc       *nats.Conn
	embedded *server.Server // nil, unless it is our own
}

const (
	natsPort = 4222
	natsWait = 10 * time.Second
)

// connect joins the NATS server at a URL, or starts one: "embed", or "embed:PORT", with 0 for any port that is free.
func connect(url string) (*network, error) {
	n := new(network)
	if kind, port, _ := strings.Cut(url, ":"); kind == "embed" {
		s, err := startNATS(port)
		if err != nil {
			return nil, err
		}
		n.embedded, url = s, s.ClientURL()
		log.Printf("other nodes on this machine join with -nats %s", url)
	}
	nc, err := nats.Connect(url, natsbroker.Recommended, nats.Name("chat"),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { log.Printf("NATS is away, this node is alone: %v", err) }),
		nats.ReconnectHandler(func(*nats.Conn) { log.Print("NATS is back") }))
	if err != nil {
		n.Close()
		return nil, fmt.Errorf("-nats %s: %w", url, err)
	}
	if !nc.IsConnected() {
		log.Printf("NATS at %s does not answer yet: until it does, this node is alone", url)
	}
	n.nc, n.broker = nc, natsbroker.New(nc, &natsbroker.Options{Prefix: "example.chat"})
	return n, nil
}

// failed logs what goes wrong between nodes, in a room.
func (n *network) failed(room string, err error) {
	if !errors.Is(err, nats.ErrDisconnected) { // said once, by the connection
		log.Printf("room %q: %v", room, err)
	}
}

// startNATS starts a NATS server that listens on the loopback interface only.
func startNATS(port string) (*server.Server, error) {
	options := &server.Options{Host: "127.0.0.1", Port: natsPort, NoSigs: true, NoLog: true}
	if port != "" {
		p, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("-nats embed:%s: %w", port, err)
		}
		options.Port = int(p)
		if p == 0 {
			options.Port = server.RANDOM_PORT
		}
	}
	s, err := server.NewServer(options)
	if err != nil {
		return nil, err
	}
	s.Start()
	if !s.ReadyForConnections(natsWait) {
		s.Shutdown()
		return nil, errors.New("-nats embed: no server at port " + strconv.Itoa(options.Port) + "; is the port free? embed:PORT takes another")
	}
	return s, nil
}

// Close ends what connect began.
func (n *network) Close() {
	if n.broker != nil {
		n.broker.Close()
		n.nc.Close()
	}
	if n.embedded != nil {
		n.embedded.Shutdown()
		n.embedded.WaitForShutdown()
	}
}
