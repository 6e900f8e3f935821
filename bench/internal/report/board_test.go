package report

import (
	"math"
	"testing"
)

func TestMedian(t *testing.T) {
	for _, tt := range []struct {
		in   []float64
		want float64
	}{
		{nil, 0},
		{[]float64{3}, 3},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 2, 100}, 3},
		{[]float64{1, math.NaN(), 1}, math.NaN()},
	} {
		if got := Median(tt.in); got != tt.want && !(math.IsNaN(got) && math.IsNaN(tt.want)) {
			t.Errorf("Median(%v) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestRatioIsTakenWithinARound(t *testing.T) {
	var b Board
	ours, theirs := Cell{"t", "r", "ours"}, Cell{"t", "r", "theirs"}
	for round, f := range [][2]float64{{1, 2}, {10, 20}, {300, 400}} {
		b.Add(ours, round, f[0])
		b.Add(theirs, round, f[1])
	}
	b.Add(ours, 3, 7) // theirs was not run
	median, low, high, ok := b.Ratio(ours, theirs)
	if median != 0.5 || low != 0.5 || high != 0.75 || !ok {
		t.Errorf("Ratio = %v, %v, %v, %v, want 0.5, 0.5, 0.75, true", median, low, high, ok)
	}
	if _, _, _, ok := b.Ratio(ours, Cell{}); ok {
		t.Error("Ratio to a cell without figures = ok")
	}
}
