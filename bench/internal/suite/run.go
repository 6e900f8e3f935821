package suite

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/proc"
	"github.com/beatrichartz/martini-sockets/bench/internal/report"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// Choice narrows a run. Zero is everything of an ordinary run.
type Choice struct {
	Growth    bool // the growth scenarios, instead of the others
	Scenarios []string
	Servers   []string
	// Profiles is a directory: a CPU profile of each server and scenario goes there, and
	// costs its server a little.
	Profiles string
}

// Run runs the chosen scenarios for s.Rounds rounds and returns the figures. Within a
// round the servers follow one another; each round begins with another of them. The first
// error ends the run; the figures until then are returned with it.
func Run(ctx context.Context, s Sizes, c Choice, progress io.Writer) (*report.Board, error) {
	b := new(report.Board)
	chosen, err := choose(s, c)
	if err != nil {
		return b, err
	}
	for _, sc := range chosen {
		for round := range s.Rounds {
			fmt.Fprintf(progress, "%s, round %d of %d\n", sc.Name, round+1, s.Rounds)
			for i := range sc.Entries {
				if round > 0 {
					i = (i + round) % len(sc.Entries)
				}
				e := sc.Entries[i]
				if err := once(ctx, b, sc, e, round, s, c.Profiles); err != nil {
					return b, fmt.Errorf("%s, %s, round %d: %w", sc.Name, e.Column, round+1, err)
				}
			}
		}
	}
	return b, nil
}

// choose leaves out what was not asked for, and refuses names that it does not know.
func choose(s Sizes, c Choice) (chosen []Scenario, err error) {
	all := Scenarios(s)
	if c.Growth {
		all = Growth(s)
	}
	for _, n := range c.Scenarios {
		if !slices.ContainsFunc(all, func(sc Scenario) bool { return sc.Name == n }) {
			return nil, fmt.Errorf("suite: no scenario %q here, there are %q", n, Names())
		}
	}
	for _, n := range c.Servers {
		if !slices.Contains(serve.Kinds(), n) {
			return nil, fmt.Errorf("suite: no server %q, there are %q", n, serve.Kinds())
		}
	}
	for _, sc := range all {
		if len(c.Scenarios) > 0 && !slices.Contains(c.Scenarios, sc.Name) {
			continue
		}
		sc.Entries = slices.DeleteFunc(sc.Entries, func(e Entry) bool {
			return len(c.Servers) > 0 && e.Server != "" && !slices.Contains(c.Servers, e.Server)
		})
		chosen = append(chosen, sc)
	}
	return chosen, nil
}

// once runs one entry, against a server of its own if it needs one.
func once(
	ctx context.Context, b *report.Board, sc Scenario, e Entry, round int, s Sizes, profiles string,
) error {
	run := func() (load.Figures, error) { return e.Load.Run(ctx, nil) }
	if e.Server != "" {
		run = func() (load.Figures, error) { return serveAndRun(ctx, sc, e, s, profiles) }
	}
	figures, err := run()
	if err != nil {
		return err
	}
	for _, f := range figures {
		row := f.Name
		if e.Row != "" {
			row = rowOf(e.Row, f.Name)
		}
		b.Add(report.Cell{Table: sc.Table.ID, Row: row, Column: e.Column}, round, f.Value)
	}
	return nil
}

func serveAndRun(
	ctx context.Context, sc Scenario, e Entry, s Sizes, profiles string,
) (load.Figures, error) {
	srv, err := proc.Start(ctx, serve.Options{
		Kind: e.Server, SendBuffer: sc.SendBuffer, Profile: profiles != ""})
	if err != nil {
		return nil, err
	}
	defer srv.Stop()
	profiled := profile(ctx, srv, s, profiles, sc.Name, e)
	figures, err := e.Load.Run(ctx, srv)
	return figures, cmp.Or(err, <-profiled)
}
