package report

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
)

// Goal is a ratio that must not be passed, or, without Under, a figure.
type Goal struct {
	Text        string
	Over, Under Cell
	Max         float64
}

// Table writes the medians of one table as Markdown, each with its ratio to that of the
// base column. It writes nothing where there are no figures.
func (b *Board) Table(w io.Writer, t Table) {
	columns := b.columns(t.ID)
	if len(columns) == 0 {
		return
	}
	line(w, append([]string{""}, columns...))
	line(w, append([]string{"---"}, repeat("---:", len(columns))...))
	for _, row := range b.rows(t.ID) {
		cells := []string{row}
		for _, column := range columns {
			cells = append(cells, b.cell(Cell{t.ID, row, column}, Cell{t.ID, row, t.Base}))
		}
		line(w, cells)
	}
}

// Goals writes those that have figures, and returns how many there are and how many of
// them were not met.
func (b *Board) Goals(w io.Writer, goals []Goal) (shown, missed int) {
	for _, g := range goals {
		value, low, high, ok := b.value(g)
		if !ok {
			continue
		}
		if shown++; shown == 1 {
			line(w, []string{"", "at most", "measured", "lowest to highest", ""})
			line(w, []string{"---", "---:", "---:", "---:", "---"})
		}
		met := "met"
		if !(value <= g.Max) { // also where it is NaN
			met = "**not met**"
			missed++
		}
		line(w, []string{g.Text, number(g.Max), fine(value), fine(low) + " to " + fine(high), met})
	}
	return shown, missed
}

// value is the goal's ratio or figure over all rounds.
func (b *Board) value(g Goal) (median, low, high float64, ok bool) {
	if g.Under == (Cell{}) {
		all := slices.Collect(maps.Values(b.figures[g.Over]))
		if len(all) == 0 {
			return 0, 0, 0, false
		}
		return Median(all), slices.Min(all), slices.Max(all), true
	}
	return b.Ratio(g.Over, g.Under)
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

// number keeps what a noisy machine can tell: two digits behind the point, or none beyond
// a hundred.
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

// fine has a digit more where that decides: 1.153 is over 1.15.
func fine(f float64) string {
	if math.IsNaN(f) || math.Abs(f) >= 10 {
		return number(f)
	}
	return fmt.Sprintf("%.3f", f)
}

func line(w io.Writer, cells []string) {
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

func repeat(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}
