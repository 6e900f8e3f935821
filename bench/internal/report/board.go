// Package report keeps the figures of all rounds and prints what they come to.
package report

import (
	"math"
	"slices"
)

// Table names a table. Ratios in it refer to its base column.
type Table struct {
	ID, Title, Base string
}

// Cell says where in the tables a figure belongs; Table is an ID.
type Cell struct {
	Table, Row, Column string
}

// Board holds a figure for each cell and round. NaN is a figure too: the server froze.
type Board struct {
	order   []Cell // by first figure
	figures map[Cell]map[int]float64
}

// Add keeps a figure of one round.
func (b *Board) Add(c Cell, round int, figure float64) {
	if b.figures == nil {
		b.figures = make(map[Cell]map[int]float64)
	}
	if b.figures[c] == nil {
		b.figures[c] = make(map[int]float64)
		b.order = append(b.order, c)
	}
	b.figures[c][round] = figure
}

// Empty reports whether there are no figures at all.
func (b *Board) Empty() bool { return len(b.order) == 0 }

// Median returns the median over the rounds of a cell. ok is false where there is none.
func (b *Board) Median(c Cell) (median float64, ok bool) {
	var all []float64
	for _, f := range b.figures[c] {
		all = append(all, f)
	}
	return Median(all), len(all) > 0
}

// Ratio returns the median, the lowest and the highest of the ratios of two cells. Each
// is taken within one round: what disturbs the machine for a minute disturbs both.
func (b *Board) Ratio(over, under Cell) (median, low, high float64, ok bool) {
	var all []float64
	for round, f := range b.figures[over] {
		if base, ok := b.figures[under][round]; ok {
			all = append(all, f/base)
		}
	}
	if len(all) == 0 {
		return 0, 0, 0, false
	}
	return Median(all), slices.Min(all), slices.Max(all), true
}

// rows and columns return names in the order in which they first had a figure.
func (b *Board) rows(table string) []string {
	return b.names(func(c Cell) (string, bool) { return c.Row, c.Table == table })
}

func (b *Board) columns(table string) []string {
	return b.names(func(c Cell) (string, bool) { return c.Column, c.Table == table })
}

func (b *Board) names(of func(Cell) (string, bool)) (names []string) {
	for _, c := range b.order {
		if n, ok := of(c); ok && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// Median returns the middle of figures, or the mean of the two in the middle. If one is
// NaN, so is the median: a server that froze once has no typical figure. It is 0 for
// none.
func Median(figures []float64) float64 {
	if len(figures) == 0 {
		return 0
	}
	if slices.ContainsFunc(figures, math.IsNaN) {
		return math.NaN()
	}
	s := slices.Sorted(slices.Values(figures))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
