// Command soak looks for faults that show only after a while, or only with many clients:
// thousands of them, good ones and every bad kind, come and go in echoes and rooms of
// this library. Each good one must get each message once and in order, or a close that
// says why. At the end, goroutines, open files and memory must be where they began.
//
//	go run ./bench/soak -for 20m
//	go run ./bench/soak -for 30s -clients 200
//
// It prints one line a minute, and a verdict. The exit code is 1 where that is bad.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/limit"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

func main() {
	length := flag.Duration("for", time.Minute, "how long new clients come")
	clients := flag.Int("clients", 0,
		"`number` of clients at a time, 0: 200 for up to a minute, otherwise 2000")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of all that is done by chance")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o := ordinary(*length, *clients, *seed)
	if o.Clients < *clients {
		fmt.Fprintf(os.Stderr, "fewer clients: a process may have %d files open\n", limit.Files(0))
	}
	if !run(ctx, o, target.Faults{}, os.Stdout) {
		os.Exit(1)
	}
}

// ordinary are the options of a soak that is no test.
func ordinary(length time.Duration, clients int, seed uint64) options {
	o := options{length: length, every: time.Minute, spare: 8 << 20, settle: time.Minute}
	o.Clients, o.Seed, o.Patience = clients, seed, 2*time.Minute
	o.Rest, o.Pause, o.Stall = 2*time.Second, 600*time.Millisecond, 15*time.Second
	if length <= time.Minute {
		o.Stall = 3 * time.Second
	}
	if clients <= 0 {
		o.Clients = 2000
		if length <= time.Minute {
			o.Clients = 200
		}
	}
	// Each client has a connection with two ends, and so has the one that it was just
	// before.
	files := limit.Files(uint64(4*o.Clients + 200))
	o.Clients = max(1, min(o.Clients, int(files-200)/4))
	return o
}
