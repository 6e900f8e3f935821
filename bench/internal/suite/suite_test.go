package suite

import (
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets/bench/internal/report"
)

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		files            uint64
		idle, room, echo int
		conns            []int
		lowered          bool
	}{
		{1 << 20, 4000, 1000, 50, []int{100, 1000, 10000, 20000}, false},
		{^uint64(0), 4000, 1000, 50, []int{100, 1000, 10000, 20000}, false},
		{20000, 4000, 1000, 50, []int{100, 1000, 10000, 19900}, true},
		{1024, 924, 924, 50, []int{100, 924}, true},
		{10, 1, 1, 1, []int{1}, true},
	} {
		s := Full()
		if lowered := s.Fit(tt.files); lowered != tt.lowered || s.Idle != tt.idle ||
			s.Room != tt.room || s.Echo != tt.echo || !slices.Equal(s.Conns, tt.conns) {
			t.Errorf("Fit(%d) = %v, %+v, want %+v", tt.files, lowered, s, tt)
		}
	}
	full := Full()
	if full.Fit(full.Files()) {
		t.Errorf("Fit(Files()) = true: Files() = %d, too few for %+v", full.Files(), full)
	}
}

func TestChoose(t *testing.T) {
	chosen, err := choose(Tiny(), Choice{
		Scenarios: []string{"json", "fan"}, Servers: []string{"sockets", "classic"}})
	if err != nil || len(chosen) != 2 || len(chosen[0].Entries) != 2 || chosen[1].Name != "fan" {
		t.Errorf("choose = %+v, %v, want JSON for two servers, and the fan-out", chosen, err)
	}
	if chosen, err := choose(Tiny(), Choice{Scenarios: []string{"pairs"}}); err == nil {
		t.Errorf("choose of a growth scenario without Growth = %+v, want an error", chosen)
	}
	pairs := Choice{Growth: true, Scenarios: []string{"pairs"}}
	if chosen, err := choose(Tiny(), pairs); len(chosen) != 1 || err != nil {
		t.Errorf("choose of a growth scenario = %+v, %v, want it", chosen, err)
	}
}

// Each scenario is described, in the order in which they run.
func TestAboutHasEveryScenario(t *testing.T) {
	var names []string
	for _, sc := range append(Scenarios(Full()), Growth(Full())...) {
		names = append(names, sc.Name)
	}
	if got := Names(); !slices.Equal(got, names) {
		t.Errorf("Names = %q, want %q", got, names)
	}
}

func TestMessagesAreOfTheSizeThatTheirRowsSay(t *testing.T) {
	if len(largeText) != 60000 || len(largeJSON) < 1000 || len(largeJSON) > 1100 {
		t.Errorf("%d bytes of text, %d of JSON, want 60000, and about 1024",
			len(largeText), len(largeJSON))
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{
		10: "10", 1000: "1,000", 19900: "19,900", 1234567: "1,234,567",
	} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

// A goal that names a cell which no scenario fills would never be looked at.
func TestGoalsNameCellsThatThereAre(t *testing.T) {
	s := Full()
	var columns []report.Cell
	for _, sc := range Scenarios(s) {
		for _, e := range sc.Entries {
			columns = append(columns, report.Cell{Table: sc.Table.ID, Column: e.Column})
		}
	}
	for _, g := range Goals(s) {
		for _, c := range []report.Cell{g.Over, g.Under} {
			if c == (report.Cell{}) {
				continue // the goal of a figure
			}
			if !slices.Contains(columns, report.Cell{Table: c.Table, Column: c.Column}) {
				t.Errorf("%s: no scenario fills column %q of %q", g.Text, c.Column, c.Table)
			}
		}
	}
}
