package suite

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/beatrichartz/martini-sockets/bench/internal/proc"
	"github.com/beatrichartz/martini-sockets/bench/internal/report"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// Choice narrows a run. Zero means everything.
type Choice struct {
	Scenarios []string
	Servers   []string
	Profiles  string // a directory; a CPU profile of each server and scenario goes there, and costs its server a little
}

// Run runs the chosen scenarios for s.Rounds rounds and returns the figures. Within a round the servers follow one another;
// each round begins with another of them. The first error ends the run; the figures until then are returned with it.
func Run(ctx context.Context, s Sizes, c Choice, progress io.Writer) (*report.Board, error) {
	b := new(report.Board)
	chosen, err := choose(Scenarios(s), c)
	if err != nil {
		return b, err
	}
	for _, sc := range chosen {
		for round := range s.Rounds {
			fmt.Fprintf(progress, "%s, round %d of %d\n", sc.Name, round+1, s.Rounds)
			for i := range sc.Entries {
				e := sc.Entries[(i+round)%len(sc.Entries)]
				if err := once(ctx, b, sc, e, round, s, c.Profiles); err != nil {
					return b, fmt.Errorf("%s, %s, round %d: %w", sc.Name, e.Column, round+1, err)
				}
			}
		}
	}
	return b, nil
}

// choose leaves out what was not asked for, and complains about what there is not.
func choose(all []Scenario, c Choice) (chosen []Scenario, err error) {
	names := make(map[string]bool)
	for _, sc := range all {
		names[sc.Name] = true
		if len(c.Scenarios) > 0 && !slices.Contains(c.Scenarios, sc.Name) {
			continue
		}
		sc.Entries = slices.DeleteFunc(sc.Entries, func(e Entry) bool {
			return len(c.Servers) > 0 && !slices.Contains(c.Servers, e.Server)
		})
		chosen = append(chosen, sc)
	}
	for _, n := range c.Scenarios {
		if !names[n] {
			return nil, fmt.Errorf("suite: no scenario %q, there are %q", n, slices.Sorted(maps.Keys(names)))
		}
	}
	for _, n := range c.Servers {
		if !slices.Contains(serve.Kinds(), n) {
			return nil, fmt.Errorf("suite: no server %q, there are %q", n, serve.Kinds())
		}
	}
	return chosen, nil
}

// once runs one entry against a server of its own.
func once(ctx context.Context, b *report.Board, sc Scenario, e Entry, round int, s Sizes, profiles string) error {
	srv, err := proc.Start(ctx, serve.Options{Kind: e.Server, SendBuffer: sc.SendBuffer, Profile: profiles != ""})
	if err != nil {
		return err
	}
	defer srv.Stop()
	profiled := profile(ctx, srv, s, profiles, sc.Name, e)
	figures, err := e.Load.Run(ctx, srv)
	if err := cmp.Or(err, <-profiled); err != nil {
		return err
	}
	for _, f := range figures {
		b.Add(report.Cell{Table: sc.Table, Row: rowOf(e.Row, f.Name), Column: e.Column}, round, f.Value)
	}
	return nil
}
