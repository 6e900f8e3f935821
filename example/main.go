// The chat: people in rooms, on one machine or on many. See README.md.
package main

import (
	"cmp"
	"context"
	"flag"
	"log"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	natsURL := flag.String("nats", "", "join other nodes of the chat at the NATS server nats://HOST:PORT, or start one here: embed, embed:PORT")
	flag.Parse()
	log.SetPrefix("[chat] ")

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends at once
	l, err := net.Listen("tcp", address())
	if err == nil {
		log.Printf("listening on http://%s", place(l.Addr()))
		err = run(ctx, l, *natsURL)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// address is where Martini would listen: everywhere at 3000, unless HOST and PORT say otherwise.
func address() string {
	return net.JoinHostPort(os.Getenv("HOST"), cmp.Or(os.Getenv("PORT"), "3000"))
}

// place is what a person types to come here.
func place(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return a.String()
}

// run is one node of the chat, from its beginning to its end.
func run(ctx context.Context, l net.Listener, natsURL string) error {
	defer l.Close()
	times := Times{Beat: 5 * time.Second, Keep: 10 * time.Minute}
	if natsURL == "" {
		return serve(ctx, l, newChat(nil, nil, times))
	}
	network, err := connect(natsURL)
	if err != nil {
		return err
	}
	defer network.Close()
	times.Settle = 250 * time.Millisecond
	return serve(ctx, l, newChat(network.broker, network.failed, times))
}
