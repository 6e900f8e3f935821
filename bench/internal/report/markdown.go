package report

import (
	"fmt"
	"io"
	"math"
	"strings"
)

// Goal is a ratio that must not be passed.
type Goal struct {
	Text        string
	Over, Under Cell
	Max         float64
}

// Tables prints the medians as Markdown, each with its ratio to that of the table's base column behind it.
func (b *Board) Tables(w io.Writer, base map[string]string) {
	for _, table := range b.tables() {
		columns := b.columns(table)
		fmt.Fprintf(w, "\n### %s\n\n", table)
		line(w, append([]string{""}, columns...))
		line(w, append([]string{"---"}, repeat("---:", len(columns))...))
		for _, row := range b.rows(table) {
			cells := []string{row}
			for _, column := range columns {
				cells = append(cells, b.cell(Cell{table, row, column}, Cell{table, row, base[table]}))
			}
			line(w, cells)
		}
	}
}

// Goals prints those that have figures, and returns how many of them were not met.
func (b *Board) Goals(w io.Writer, goals []Goal) (missed int) {
	fmt.Fprint(w, "\n### Goals\n\n")
	line(w, []string{"", "goal, at most", "ratio", "lowest to highest", ""})
	line(w, []string{"---", "---:", "---:", "---:", "---"})
	for _, g := range goals {
		ratio, low, high, ok := b.Ratio(g.Over, g.Under)
		if !ok {
			continue
		}
		met := "met"
		if !(ratio <= g.Max) { // also where it is NaN
			met = "**not met**"
			missed++
		}
		line(w, []string{g.Text, number(g.Max), ratioOf(ratio), ratioOf(low) + " to " + ratioOf(high), met})
	}
	return missed
}

func (b *Board) cell(c, base Cell) string {
	m, ok := b.Median(c)
	if !ok {
		return ""
	}
	if math.IsNaN(m) {
		return "frozen"
	}
	ratio, _, _, ok := b.Ratio(c, base)
	if !ok || math.IsNaN(ratio) {
		return number(m)
	}
	return fmt.Sprintf("%s (%s)", number(m), number(ratio))
}

// number keeps what a noisy machine can tell: two digits behind the point, or none beyond a hundred.
func number(f float64) string {
	switch {
	case math.IsNaN(f):
		return "frozen"
	case math.Abs(f) >= 100:
		return fmt.Sprintf("%.0f", f)
	case math.Abs(f) >= 10:
		return fmt.Sprintf("%.1f", f)
	default:
		return fmt.Sprintf("%.2f", f)
	}
}

// ratioOf is finer: 1.153 is over 1.15.
func ratioOf(f float64) string {
	if math.IsNaN(f) {
		return "frozen"
	}
	return fmt.Sprintf("%.3f", f)
}

func line(w io.Writer, cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }

func repeat(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}
