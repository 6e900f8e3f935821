// Command soak looks for faults that show only after a while, or only with many clients:
// thousands of them, good ones and every bad kind, come and go in echoes and rooms of
// this library. Each good one must get each message once and in order, or a close that
// says why. At the end, goroutines, open files and memory must be where they began.
//
//	go run ./bench/soak -for 20m
//	go run ./bench/soak -for 30s -clients 200
//
// It prints one line a minute, and a verdict. The exit code is 1 if that is bad.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
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
	clients := flag.Int("clients", 0,
		"`number` of clients at a time, 0: 200 for up to a minute, otherwise 2000")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano()), "of all that is done by chance")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o := crowd.Options{Clients: *clients, Seed: *seed, Patience: 2 * time.Minute,
		Rest: 2 * time.Second, Pause: 600 * time.Millisecond, Stall: 15 * time.Second}
	usual := 2000
	if *length <= time.Minute {
		usual, o.Stall = 200, 3*time.Second
	}
	o.Clients = cmp.Or(o.Clients, usual)
	s := &soak{length: *length, settle: time.Minute, out: os.Stdout, crowd: crowd.Crowd{Options: o}}
	if !s.run(ctx, target.Faults{}) {
		os.Exit(1)
	}
}

// soak is one run.
type soak struct {
	length time.Duration // for which new clients come
	settle time.Duration // the longest time until everything is as before
	out    io.Writer
	crowd  crowd.Crowd
	ledger book.Ledger
	told   int // faults that are printed
}

// run attacks a server with faults (without any, but in tests) and reports whether all
// was well. When ctx ends, it stops early, and still looks at everything.
func (s *soak) run(ctx context.Context, faults target.Faults) (well bool) {
	fmt.Fprintf(s.out, "%d clients at a time for %v, seed %d\n",
		s.crowd.Clients, s.length, s.crowd.Seed)
	outside := book.Steady(time.Now().Add(s.settle))
	s.crowd.Target, s.crowd.Ledger = target.Start(faults), &s.ledger
	// What a process makes once, and keeps, is there after the first clients.
	s.attack(ctx, min(s.length/10, 5*time.Second))
	before := book.Steady(time.Now().Add(s.settle))
	outside.Memory = before.Memory
	s.attack(ctx, s.length)
	s.settled("after the last client", before)
	gone := s.crowd.Stay(min(50, s.crowd.Clients))
	bound, cancel := context.WithTimeout(context.Background(), s.crowd.Patience)
	defer cancel()
	if err := s.crowd.Target.Stop(bound); err != nil {
		s.ledger.Fault("the server does not stop: %v", err)
	}
	gone()
	s.settled("after the server", outside)
	return s.verdict()
}

// attack lets clients come and go for a time, and prints a line a minute.
func (s *soak) attack(ctx context.Context, length time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	over := make(chan struct{})
	go func() { // ends with the last client
		defer close(over)
		s.crowd.Run(ctx)
	}()
	lines := time.NewTicker(time.Minute)
	defer lines.Stop()
	for {
		select {
		case <-lines.C:
			fmt.Fprintf(s.out, "%v; %v\n", &s.ledger, book.Look())
			s.tellFaults()
		case <-over:
			return
		}
	}
}

// settled enters as faults what the process still holds.
func (s *soak) settled(when string, before book.Census) {
	now, over := book.Settle(time.Now().Add(s.settle), before, 8<<20)
	if over != "" {
		s.ledger.Fault("%s:%s", when, over)
		_ = pprof.Lookup("goroutine").WriteTo(s.out, 1)
	}
	connections, rooms := s.crowd.Target.Open()
	if connections+rooms > 0 {
		s.ledger.Fault("%s: %d connections are open, %d rooms have members", when,
			connections, rooms)
	}
	fmt.Fprintf(s.out, "%s: %v; before: %v\n", when, now, before)
}

// tellFaults prints those that it has not printed yet.
func (s *soak) tellFaults() {
	for _, f := range s.ledger.Faults(s.told) {
		fmt.Fprintln(s.out, "fault:", f)
		s.told++
	}
}

func (s *soak) verdict() (well bool) {
	s.tellFaults()
	verdict := "ok"
	switch {
	case s.told > 0:
		verdict = fmt.Sprintf("FAILED: %d faults", s.told)
	case s.ledger.Counted() < 2:
		verdict = "FAILED: nobody came"
	}
	fmt.Fprintf(s.out, "%v\n%s\n", &s.ledger, verdict)
	return verdict == "ok"
}
