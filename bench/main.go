// Command bench compares this library with a raw loop on gorilla and with four other
// libraries: the CPU time of the server, its memory, and what members of a room that do
// not read do to the others. It prints Markdown. README.md says how to run it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop() // after a signal the servers end as always: their standard input ends
	run := func() error { return drive(ctx, os.Args[1:]) }
	if len(os.Args) == 4 && os.Args[1] == serve.Command {
		run = func() error { return serve.Main(os.Args[2:]) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// drive is the whole of a run: args are the flags.
func drive(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	quick := flags.Bool("short", false, "one short round, without verdicts")
	rounds := flags.Int("rounds", full.rounds, "`number` of rounds, without -short")
	only := flags.String("only", "", "comma-separated `scenarios`, which README.md lists")
	picture := flags.String("picture", "", "write the picture of the README to this `file`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s := full
	s.rounds = max(*rounds, 1)
	if *quick {
		s.rounds, s.idle, s.conns = 1, 1000, []int{100, 1000}
		s.window.Warm, s.window.Measure = 200*time.Millisecond, 500*time.Millisecond
		s.pace = 20 * time.Millisecond
	}
	chosen, err := s.choose(*only)
	if err != nil {
		return err
	}
	f, err := s.run(ctx, chosen)
	fmt.Print(f.markdown(s)) // what was measured until an error, too
	if err == nil && *picture != "" {
		err = os.WriteFile(*picture, []byte(f.picture()), 0o644)
	}
	return err
}

// choose returns the scenarios of a comma-separated list, or all but that of growth.
func (s sizes) choose(only string) (chosen []scenario, err error) {
	names := strings.Split(only, ",")
	for _, sc := range s.scenarios() {
		if only == "" && sc.table != tableConns || slices.Contains(names, sc.name) {
			chosen = append(chosen, sc)
		}
	}
	if only != "" && len(chosen) != len(names) {
		err = fmt.Errorf("not all of %q are scenarios", names)
	}
	return chosen, err
}

// run runs scenarios and returns the figures. Within a round the servers follow one
// another; each round begins with another of them. The first error ends the run; the
// figures until then are returned with it.
func (s sizes) run(ctx context.Context, chosen []scenario) (*figures, error) {
	f := &figures{of: make(map[cell][]float64)}
	for _, sc := range chosen {
		for round := range s.rounds {
			fmt.Fprintf(os.Stderr, "%s, round %d of %d\n", sc.name, round+1, s.rounds)
			for i := range sc.entries {
				e := sc.entries[(i+round)%len(sc.entries)]
				measured, err := s.once(ctx, sc, e)
				if ctx.Err() != nil { // the server was killed: err says only how that looked
					err = ctx.Err()
				}
				if err != nil {
					return f, fmt.Errorf("%s, %s, round %d: %w", sc.name, e.column, round+1, err)
				}
				for _, m := range measured {
					f.add(cell{sc.table, e.row + ", " + m.Name, e.column}, m.Value)
				}
			}
		}
	}
	return f, nil
}

// once runs one entry against a server of its own.
func (s sizes) once(ctx context.Context, sc scenario, e entry) ([]load.Figure, error) {
	server, err := serve.Start(ctx, e.server, sc.table == tableRoom)
	if err != nil {
		return nil, err
	}
	defer server.Stop()
	return e.load.Run(ctx, server, s.window)
}
