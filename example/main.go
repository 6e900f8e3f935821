// The chat: people in rooms, on one machine or on many. See README.md.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	sockets "github.com/beatrichartz/martini-sockets"
)

func main() {
	nats := flag.String("nats", "", "URL of a NATS server that joins nodes")
	redis := flag.String("redis", "", "URL of a Redis server that joins nodes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	host, port := os.Getenv("HOST"), cmp.Or(os.Getenv("PORT"), "3000")
	l, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err == nil {
		_, port, _ = net.SplitHostPort(l.Addr().String())
		log.Print("listening on http://", net.JoinHostPort(cmp.Or(host, "localhost"), port))
		err = run(ctx, l, *nats, *redis)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run is one node of the chat. When ctx ends, it sends everybody away: pages are told
// 1001, and come back to whoever listens at the address by then.
func run(ctx context.Context, l net.Listener, nats, redis string) error {
	defer l.Close()
	chat, closeChat, err := openChat(nats, redis)
	if err != nil {
		return err
	}
	defer closeChat()
	var group sockets.Group
	server := &http.Server{Handler: handler(chat, &group), ReadHeaderTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }() // until Shutdown
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(ctx), group.Shutdown(ctx))
}
