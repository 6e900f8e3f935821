package suite

import (
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets/bench/internal/report"
)

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		files                  uint64
		idle, room, connecting int
		lowered                bool
	}{
		{20000, 4000, 1000, 50, false},
		{^uint64(0), 4000, 1000, 50, false},
		{1024, 924, 924, 50, true},
		{10, 1, 1, 1, true},
	} {
		s := Full()
		lowered := s.Fit(tt.files)
		if s.Idle != tt.idle || s.Room != tt.room || s.Echo != tt.connecting || lowered != tt.lowered {
			t.Errorf("Fit(%d) = %v, %d at rest, room of %d, %d echoing, want %+v", tt.files, lowered, s.Idle, s.Room, s.Echo, tt)
		}
	}
}

func TestChoose(t *testing.T) {
	chosen, err := choose(Scenarios(Tiny()), Choice{Scenarios: []string{"json", "fan"}, Servers: []string{"sockets", "classic"}})
	if err != nil || len(chosen) != 2 || len(chosen[0].Entries) != 2 || chosen[1].Name != "fan" {
		t.Errorf("choose = %+v, %v, want JSON for two servers, and the fan-out", chosen, err)
	}
}

// A goal that names a cell which no scenario fills would never be looked at.
func TestGoalsNameCellsThatThereAre(t *testing.T) {
	s := Full()
	var columns []report.Cell
	for _, sc := range Scenarios(s) {
		for _, e := range sc.Entries {
			columns = append(columns, report.Cell{Table: sc.Table, Column: e.Column})
		}
	}
	for _, g := range Goals(s) {
		for _, c := range []report.Cell{g.Over, g.Under} {
			if !slices.Contains(columns, report.Cell{Table: c.Table, Column: c.Column}) {
				t.Errorf("%s: no scenario fills column %q of %q", g.Text, c.Column, c.Table)
			}
		}
	}
}
