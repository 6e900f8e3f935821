package report

import (
	"math"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	var b Board
	b.Add(Cell{"echo", "µs", "sockets"}, 0, 2.5)
	b.Add(Cell{"echo", "µs", "gorilla"}, 0, 5)
	b.Add(Cell{"echo", "KB", "gorilla"}, 0, 123.4)
	b.Add(Cell{"room", "p99 ms", "loop"}, 0, math.NaN())
	for _, tt := range []struct {
		table Table
		want  string
	}{
		{Table{ID: "echo", Base: "gorilla"}, `|  | sockets | gorilla |
| --- | ---: | ---: |
| µs | 2.50 (0.50) | 5.00 (1.00) |
| KB |  | 123 (1.00) |
`},
		{Table{ID: "room", Base: "gorilla"}, `|  | loop |
| --- | ---: |
| p99 ms | frozen |
`},
		{Table{ID: "none"}, ""},
	} {
		var got strings.Builder
		if b.Table(&got, tt.table); got.String() != tt.want {
			t.Errorf("Table(%s) = %s\nwant %s", tt.table.ID, got.String(), tt.want)
		}
	}
}

func TestGoals(t *testing.T) {
	var b Board
	c := func(column string) Cell { return Cell{"t", "r", column} }
	b.Add(c("ours"), 0, 1)
	b.Add(c("theirs"), 0, 2)
	b.Add(c("loop"), 0, math.NaN())
	var got strings.Builder
	shown, missed := b.Goals(&got, []Goal{
		{"just met", c("ours"), c("theirs"), .5},
		{"missed", c("ours"), c("theirs"), .49},
		{"frozen", c("loop"), c("theirs"), 9},
		{"a figure", c("ours"), Cell{}, 2},
		{"not run", c("nobody"), c("theirs"), 1},
		{"not run either", c("nobody"), Cell{}, 1},
	})
	const want = `|  | at most | measured | lowest to highest |  |
| --- | ---: | ---: | ---: | --- |
| just met | 0.50 | 0.500 | 0.500 to 0.500 | met |
| missed | 0.49 | 0.500 | 0.500 to 0.500 | **not met** |
| frozen | 9.00 | frozen | frozen to frozen | **not met** |
| a figure | 2.00 | 1.000 | 1.000 to 1.000 | met |
`
	if got.String() != want || shown != 4 || missed != 2 {
		t.Errorf("Goals = %d shown, %d missed, %s\nwant 4, 2, %s",
			shown, missed, got.String(), want)
	}
}
