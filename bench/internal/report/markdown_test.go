package report

import (
	"math"
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	var b Board
	b.Add(Cell{"Echo", "µs", "sockets"}, 0, 2.5)
	b.Add(Cell{"Echo", "µs", "gorilla"}, 0, 5)
	b.Add(Cell{"Echo", "KB", "gorilla"}, 0, 123.4)
	b.Add(Cell{"Room", "p99 ms", "loop"}, 0, math.NaN())
	const want = `
### Echo

|  | sockets | gorilla |
| --- | ---: | ---: |
| µs | 2.50 (0.50) | 5.00 (1.00) |
| KB |  | 123 (1.00) |

### Room

|  | loop |
| --- | ---: |
| p99 ms | frozen |
`
	var got strings.Builder
	b.Tables(&got, map[string]string{"Echo": "gorilla"})
	if got.String() != want {
		t.Errorf("Tables = %s\nwant %s", got.String(), want)
	}
}

func TestGoals(t *testing.T) {
	var b Board
	c := func(column string) Cell { return Cell{"t", "r", column} }
	b.Add(c("ours"), 0, 1)
	b.Add(c("theirs"), 0, 2)
	b.Add(c("loop"), 0, math.NaN())
	var got strings.Builder
	missed := b.Goals(&got, []Goal{
		{"just met", c("ours"), c("theirs"), .5},
		{"missed", c("ours"), c("theirs"), .49},
		{"frozen", c("loop"), c("theirs"), 9},
		{"not run", c("nobody"), c("theirs"), 1},
	})
	const want = `
### Goals

|  | goal, at most | ratio | lowest to highest |  |
| --- | ---: | ---: | ---: | --- |
| just met | 0.50 | 0.500 | 0.500 to 0.500 | met |
| missed | 0.49 | 0.500 | 0.500 to 0.500 | **not met** |
| frozen | 9.00 | frozen | frozen to frozen | **not met** |
`
	if got.String() != want || missed != 2 {
		t.Errorf("Goals = %d missed, %s\nwant 2, %s", missed, got.String(), want)
	}
}
