package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// TestMain lets the test program be a server, as the program itself is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == serve.Command {
		main()
		return
	}
	os.Exit(m.Run())
}

// tiny is for tests: everything runs, and the figures mean nothing. Only rooms that
// freeze are waited for, and to find one frozen is no failure.
func tiny(sc scenario) sizes {
	s := full
	s.rounds, s.echo, s.fan, s.idle, s.room, s.conns = 1, 3, 5, 10, 20, []int{10, 20}
	s.pace = 2 * time.Millisecond
	s.window = load.Window{
		Warm: 10 * time.Millisecond, Measure: 50 * time.Millisecond, Patience: time.Minute}
	if sc.table == tableRoom {
		s.window.Patience = 200 * time.Millisecond
	}
	return s
}

// Each scenario runs with each server, each table and each bar of the picture has its
// figures, and the README says what happens.
func TestEverythingRuns(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	all := make([]*figures, len(full.scenarios()))
	for i, sc := range full.scenarios() {
		if !strings.Contains(string(readme), "\n- `"+sc.name+"`: ") {
			t.Errorf("README.md does not say what happens in %s", sc.name)
		}
		running.Go(func() {
			s := tiny(sc)
			sc := s.scenarios()[i]
			var err error
			if all[i], err = s.run(t.Context(), []scenario{sc}); err != nil {
				t.Error(err)
			}
			text := all[i].markdown(s)
			for _, e := range sc.entries {
				if !strings.Contains(text, "\n| "+e.row+",") || !strings.Contains(text, e.column) {
					t.Errorf("%s: no figure of %q for %q in\n%s", sc.name, e.row, e.column, text)
				}
			}
		})
	}
	running.Wait()
	merged := &figures{of: make(map[cell][]float64)}
	for _, f := range all {
		for _, c := range f.order {
			merged.add(c, f.of[c][0])
		}
	}
	picture := merged.picture()
	if got := strings.Count(picture, "<rect"); got != 7+3+5+7+8+9 {
		t.Errorf("the picture has %d bars, want %d:\n%s", got, 7+3+5+7+8+9, picture)
	}
}

func TestWrongFlagsAreRefused(t *testing.T) {
	for _, args := range [][]string{{"-only", "ecco"}, {"-only", "echo,echo"}} {
		if err := drive(t.Context(), args); err == nil {
			t.Errorf("drive(%q) = nil, want an error", args)
		}
	}
}

// What Ctrl-C does is to end the context.
func TestInterruptEndsTheRun(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := drive(ctx, []string{"-only", "echo"})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("drive = %v, want %v", err, context.DeadlineExceeded)
	}
}
