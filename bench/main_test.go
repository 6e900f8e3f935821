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

// TestEverythingRuns runs each scenario with each server, too shortly for the figures to mean anything.
func TestEverythingRuns(t *testing.T) {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // with -race, each server would take a second to end
	sizes := suite.Tiny()
	board, err := suite.Run(t.Context(), sizes, suite.Choice{}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range suite.Goals(sizes) {
		for _, c := range []report.Cell{g.Over, g.Under} {
			if _, ok := board.Median(c); !ok {
				t.Errorf("%s: no figure for %+v", g.Text, c)
			}
		}
	}
	var out strings.Builder
	board.Tables(&out, suite.Base())
	if n := strings.Count(out.String(), "###"); n != 3 {
		t.Errorf("Tables = %d, want 3:\n%s", n, out.String())
	}
}

func TestUnknownNamesAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-only", "ecco"}, {"-servers", "gorila"}, {"-what"}} {
		if err := drive(t.Context(), args); err == nil {
			t.Errorf("drive(%q) = nil, want an error", args)
		}
	}
}

// TestInterruptEndsTheRun: what Ctrl-C does is to end the context.
func TestInterruptEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := suite.Run(ctx, suite.Full(), suite.Choice{Scenarios: []string{"echo"}}, t.Output())
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 5*time.Second {
		t.Errorf("Run = %v after %v, want %v at once", err, time.Since(begin), context.DeadlineExceeded)
	}
}
