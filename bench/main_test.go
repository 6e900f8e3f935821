package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/proc"
	"github.com/beatrichartz/martini-sockets/bench/internal/report"
	"github.com/beatrichartz/martini-sockets/bench/internal/suite"
)

// TestMain lets the test program be a server, as the program itself is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == proc.Command {
		main()
		return
	}
	os.Exit(m.Run())
}

// TestEverythingRuns runs each scenario with each server, too shortly for the figures to
// mean anything.
func TestEverythingRuns(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // with -race, each server would take a second to end
	sizes := suite.Tiny()
	board, err := suite.Run(t.Context(), sizes, suite.Choice{}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range suite.Goals(sizes) {
		for _, c := range []report.Cell{g.Over, g.Under} {
			if _, ok := board.Median(c); !ok && c != (report.Cell{}) {
				t.Errorf("%s: no figure for %+v", g.Text, c)
			}
		}
	}
	places := suite.Places(board, sizes)
	for _, name := range []string{"cpu", "fan", "room", "goals", "machine"} {
		if places[name] == "" {
			t.Errorf("Places has nothing for %q", name)
		}
	}
}

func TestEverythingGrows(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	sizes := suite.Tiny()
	board, err := suite.Run(t.Context(), sizes, suite.Choice{Growth: true}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	places := suite.Places(board, sizes)
	for _, name := range []string{"connections", "members", "pairs"} {
		if places[name] == "" {
			t.Errorf("Places has nothing for %q", name)
		}
	}
	if places["goals"] != "" {
		t.Errorf("Places has goals, %s, want none for growth", places["goals"])
	}
}

func TestAShortRunGivesNoVerdicts(t *testing.T) {
	sizes := suite.Short()
	var board report.Board
	for _, g := range suite.Goals(sizes) {
		board.Add(g.Over, 0, 1)
		board.Add(g.Under, 0, 1)
	}
	for _, verdicts := range []bool{true, false} {
		var out strings.Builder
		suite.Print(&out, &board, sizes, verdicts)
		if got := strings.Contains(out.String(), "met |"); got != verdicts {
			t.Errorf("Print with verdicts %v = verdicts %v:\n%s", verdicts, got, out.String())
		}
		if got := strings.Contains(out.String(), suite.Noise); got == verdicts {
			t.Errorf("Print with verdicts %v = noise %v", verdicts, got)
		}
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{"-only", "ecco"}, {"-servers", "gorila"}, {"-what"}, {"-only", "pairs"},
		{"-update", "README.md", "-short"}, {"-update", "README.md", "-only", "echo"},
	} {
		if err := drive(t.Context(), args); err == nil {
			t.Errorf("drive(%q) = nil, want an error", args)
		}
	}
}

// The README files name what there is: regenerate this part with -update, or by hand.
func TestReadmeHasTheScenarios(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := report.Place(string(text), "scenarios"); got != suite.About() {
		t.Errorf("README.md has the scenarios %s\nwant %s", got, suite.About())
	}
}

// TestInterruptEndsTheRun: what Ctrl-C does is to end the context.
func TestInterruptEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := suite.Run(ctx, suite.Full(), suite.Choice{Scenarios: []string{"echo"}}, t.Output())
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 30*time.Second {
		t.Errorf("Run = %v after %v, want %v at once",
			err, time.Since(begin), context.DeadlineExceeded)
	}
}
