// Command soak looks for faults that show only after a while, or only with many clients:
// thousands of them, good ones and every bad kind, come and go in echoes and rooms of
// this library. Each good one must get each message once and in order, or a close that
// says why. At the end, goroutines, open files and memory must be where they began.
//
//	go run ./bench/soak -for 20m -clients 2000
//	go run ./bench/soak -for 30s
//
// It prints one line a minute, and a verdict. The exit code is 1 if that is bad.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/book"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/crowd"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

func main() {
	length := flag.Duration("for", time.Minute, "how long new clients come")
	clients := flag.Int("clients", 200, "`number` of clients at a time")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of all that is done by chance")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := crowd.Crowd{Clients: *clients, Seed: *seed, Patience: 2 * time.Minute,
		Rest: 2 * time.Second, Pause: 600 * time.Millisecond,
		Stall: min(*length/10, 15*time.Second)}
	s := &soak{length: *length, settle: time.Minute, crowd: c}
	s.ledger.Logger = log.New(os.Stdout, "", 0)
	if !s.run(ctx, target.Faults{}) {
		os.Exit(1)
	}
}

// soak is one run.
type soak struct {
	length time.Duration // for which new clients come
	settle time.Duration // the longest time until everything is as before
	crowd  crowd.Crowd
	ledger book.Ledger
}

// run attacks a server with faults (without any, but in tests) and reports whether all
// was well. When ctx ends, it stops early, and still looks at everything.
func (s *soak) run(ctx context.Context, faults target.Faults) (well bool) {
	s.ledger.Printf("%d clients at a time for %v, seed %d",
		s.crowd.Clients, s.length, s.crowd.Seed)
	over := make(chan struct{})
	defer close(over)
	go s.tell(over)
	outside := book.Steady(time.Now().Add(s.settle), book.Look)
	s.crowd.Target, s.crowd.Ledger = target.Start(faults), &s.ledger
	// What a process makes once, and keeps, is there after the first clients.
	s.crowd.Run(ctx, min(s.length/10, 5*time.Second))
	before := book.Steady(time.Now().Add(s.settle), s.look)
	outside["memory"] = before["memory"]
	s.crowd.Run(ctx, s.length)
	s.settled("after the last client", before)
	gone := s.crowd.Stay(min(50, s.crowd.Clients))
	bound, cancel := context.WithTimeout(context.Background(), s.crowd.Patience)
	defer cancel()
	if err := s.crowd.Target.Stop(bound); err != nil {
		s.ledger.Fault("the server does not stop: %v", err)
	}
	gone()
	s.settled("after the server", outside)
	verdict := s.ledger.Verdict()
	s.ledger.Printf("%v\n%s", &s.ledger, verdict)
	return verdict == "ok"
}

// tell prints a line a minute, until over is closed.
func (s *soak) tell(over chan struct{}) {
	for {
		select {
		case <-time.After(time.Minute):
			s.ledger.Printf("%v; %v", &s.ledger, book.Look())
		case <-over:
			return
		}
	}
}

// look is what the process and the server hold.
func (s *soak) look() book.Census {
	c := book.Look()
	c["connections"], c["rooms"] = s.crowd.Target.Open()
	return c
}

// settled enters as a fault what there is still more than before.
func (s *soak) settled(when string, before book.Census) {
	now, over := book.Settle(time.Now().Add(s.settle), s.look, before)
	s.ledger.Printf("%s: %v; before: %v", when, now, before)
	if len(over) > 0 {
		s.ledger.Fault("%s, there is more: %v", when, over)
		_ = pprof.Lookup("goroutine").WriteTo(s.ledger.Writer(), 1)
	}
}
