package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/soak/internal/census"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/crowd"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/ledger"
	"github.com/beatrichartz/martini-sockets/bench/soak/internal/target"
)

// options are those of a whole soak.
type options struct {
	crowd.Options
	length time.Duration // for which new clients come
	every  time.Duration // from one line to the next
	settle time.Duration // the longest time until everything is as before
	spare  int64         // bytes by which memory may differ at the end
}

// run attacks a server with faults (without any, but in tests) and reports whether all
// was well. When ctx ends, it stops early, and still looks at everything.
func run(ctx context.Context, o options, faults target.Faults, out io.Writer) (well bool) {
	s := &soak{options: o, out: out, begin: time.Now()}
	outside := census.Steady(s.bound(o.settle))
	s.target = target.Start(faults)
	s.crowd = crowd.New(s.target, &s.ledger, o.Options)
	fmt.Fprintf(out, "%d clients at a time for %v, seed %d\n", o.Clients, o.length, o.Seed)
	before := s.warmUp(ctx)
	outside.Memory = before.Memory // what a process makes once is there now
	s.attack(ctx)
	s.settled("after the last client", before)
	s.farewell()
	s.settled("after the server", outside)
	return s.verdict()
}

// soak is one run.
type soak struct {
	options
	out    io.Writer
	begin  time.Time
	target *target.Target
	crowd  *crowd.Crowd
	ledger ledger.Ledger
	told   int // faults that are printed
}

// bound is a context for a step that has to end by itself.
func (s *soak) bound(d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	context.AfterFunc(ctx, cancel)
	return ctx
}

// warmUp lets some clients come and go before the first count: what a process makes once,
// and keeps, is in it.
func (s *soak) warmUp(ctx context.Context) census.Count {
	short, cancel := context.WithTimeout(ctx, min(s.length/10, 5*time.Second))
	defer cancel()
	s.crowd.Run(short)
	return census.Steady(s.bound(s.settle))
}

// attack is the soak itself.
func (s *soak) attack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, s.length)
	defer cancel()
	over := make(chan struct{})
	go func() { // ends with the last client
		defer close(over)
		s.crowd.Run(ctx)
	}()
	lines := time.NewTicker(s.every)
	defer lines.Stop()
	for {
		select {
		case <-lines.C:
			fmt.Fprintf(s.out, "%v: %v; %d open, %v\n", time.Since(s.begin).Round(time.Second),
				&s.ledger, s.target.Open(), census.Look())
			s.tellFaults()
		case <-over:
			return
		}
	}
}

// settled enters as faults what the process still holds.
func (s *soak) settled(when string, before census.Count) {
	ctx := s.bound(s.settle)
	now, over := census.Settle(ctx, before, s.spare)
	if over != "" {
		s.ledger.Fault("%s:%s", when, over)
	}
	if now.Goroutines > before.Goroutines {
		fmt.Fprintf(s.out, "%s\n", census.Stacks(8<<10))
	}
	if n := s.target.Open(); n > 0 {
		s.ledger.Fault("%s: %d connections are open", when, n)
	}
	if n := s.target.Rooms(); n > 0 {
		s.ledger.Fault("%s: %d rooms have members", when, n)
	}
	if n := s.crowd.Rooms(); n > 0 {
		s.ledger.Fault("%s: the books of %d rooms are open", when, n)
	}
	fmt.Fprintf(s.out, "%s: %v; before: %v\n", when, now, before)
}

// farewell ends the server while clients are there, who must be told.
func (s *soak) farewell() {
	stay := s.crowd.Stay(min(50, s.Clients))
	if err := s.target.Stop(s.bound(s.Patience)); err != nil {
		s.ledger.Fault("the server does not stop: %v", err)
	}
	stay()
}

// tellFaults prints those that it has not printed yet, and returns how many there are in
// all.
func (s *soak) tellFaults() (all int) {
	faults, all := s.ledger.Faults()
	for _, f := range faults[s.told:] {
		fmt.Fprintln(s.out, "fault:", f)
	}
	s.told = len(faults)
	return all
}

func (s *soak) verdict() bool {
	all := s.tellFaults()
	fmt.Fprintf(s.out, "%s\n%v, %d members removed\n",
		s.ledger.Kinds(), &s.ledger, s.target.Removed())
	if all == 0 && s.ledger.Lives() == 0 {
		fmt.Fprintln(s.out, "FAILED: nobody came")
		return false
	}
	if all > 0 {
		fmt.Fprintf(s.out, "FAILED: %d faults\n", all)
		return false
	}
	fmt.Fprintln(s.out, "ok")
	return true
}
