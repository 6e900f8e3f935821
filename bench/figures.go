package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
)

// table names a table. Ratios in it refer to its base column.
type table struct{ title, base string }

var (
	tableCPU   = table{"CPU time and memory of the server", "gorilla"}
	tableFan   = table{"One to 200: CPU time of the server per delivery", "melody"}
	tableRoom  = table{"Rooms with members that do not read", "sockets, room"}
	tableConns = table{"Growth: open connections", "1000"}
)

// cell says where in the tables a figure belongs.
type cell struct {
	table       table
	row, column string
}

// figures are those of all rounds. NaN is one too: the server froze.
type figures struct {
	order []cell // by first figure
	of    map[cell][]float64
}

// add keeps the figure of the next round.
func (f *figures) add(c cell, figure float64) {
	if f.of[c] == nil {
		f.order = append(f.order, c)
	}
	f.of[c] = append(f.of[c], figure)
}

// ratios divides the figures of two cells, each within one round: what disturbs the
// machine for a minute disturbs both.
func (f *figures) ratios(over, under cell) (all []float64) {
	for round, figure := range f.of[over] {
		if of := f.of[under]; round < len(of) {
			all = append(all, figure/of[round])
		}
	}
	return all
}

// markdown returns where the figures were measured, a table of medians for each table
// that has any, with the ratios to the base column in brackets, and the goals.
func (f *figures) markdown(s sizes) string {
	info, _ := os.ReadFile("/proc/cpuinfo") // which only Linux has
	_, rest, _ := strings.Cut(string(info), "model name")
	cpu, _, _ := strings.Cut(rest, "\n")
	text := fmt.Sprintf("Go %s on %s/%s, %d CPUs, %s.\nMedians of %d rounds; in brackets the "+
		"ratio to the base column, taken within each round.\n",
		strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), strings.TrimLeft(cpu, "\t :"), s.rounds)
	for _, t := range []table{tableCPU, tableFan, tableRoom, tableConns} {
		text += f.table(t)
	}
	if s.rounds == 1 {
		return text + "\nOne round: the ratios are noise. More say which goals are met.\n"
	}
	return text + f.verdicts()
}

func (f *figures) table(t table) (text string) {
	var rows, columns []string
	for _, c := range f.order {
		if c.table == t && !slices.Contains(rows, c.row) {
			rows = append(rows, c.row)
		}
		if c.table == t && !slices.Contains(columns, c.column) {
			columns = append(columns, c.column)
		}
	}
	for i, row := range rows {
		if i == 0 {
			text = "\n## " + t.title + "\n\n| | " + strings.Join(columns, " | ") + " |\n| --- |" +
				strings.Repeat(" ---: |", len(columns)) + "\n"
		}
		text += "| " + row + " |"
		for _, column := range columns {
			c := cell{t, row, column}
			if m, ok := median(f.of[c]); ok {
				text += " " + number(m)
			}
			if r, ok := median(f.ratios(c, cell{t, row, t.base})); ok && !math.IsNaN(r) {
				text += " (" + number(r) + ")"
			}
			text += " |"
		}
		text += "\n"
	}
	return text
}

// goal is a ratio that the library must not pass.
type goal struct {
	name        string
	over, under cell
	most        float64
}

func beside(t table, row, over, under string, most float64) goal {
	name := row + ": " + over + " to " + under
	return goal{name, cell{t, row, over}, cell{t, row, under}, most}
}

var goals = []goal{
	beside(tableCPU, "connect, echo once, close, µs", "sockets", "gorilla in Martini", 1.25),
	beside(tableCPU, "idle connection, KB", "sockets", "gorilla in Martini", 1.45),
	beside(tableCPU, "echo, ping-pong, µs", "sockets", "gorilla", 1.08),
	beside(tableCPU, "echo, 16 in flight, µs", "sockets", "gorilla", 0.25),
	beside(tableCPU, "JSON, ping-pong, µs", "sockets", "gorilla", 1.10),
	beside(tableCPU, "JSON, 16 in flight, µs", "sockets", "gorilla", 0.40),
	beside(tableCPU, "60 KB of text, ping-pong, µs", "sockets", "gorilla", 0.75),
	beside(tableFan, "text, one at a time, µs", "sockets, room", "melody", 1.10),
	beside(tableFan, "text, bursts of 16, µs", "sockets, room", "melody", 0.45),
	// What members that do not read cost the others. melody drops messages instead, so a
	// ratio to it would compare two promises.
	{"sockets, room: 1000 members, p99 ms: 100 stalled to 0 stalled",
		cell{tableRoom, "1000 members, 100 stalled, p99 ms", "sockets, room"},
		cell{tableRoom, "1000 members, 0 stalled, p99 ms", "sockets, room"}, 1.20},
}

// verdicts says which goals are met, of those that were measured.
func (f *figures) verdicts() (text string) {
	for _, g := range goals {
		ratios := f.ratios(g.over, g.under)
		m, ok := median(ratios)
		if !ok {
			continue
		}
		met := "met"
		if !(m <= g.most) { // also if it is NaN
			met = "**not met**"
		}
		if text == "" {
			text = "\n## Goals\n\n| | at most | measured | lowest to highest | |\n" +
				"| --- | ---: | ---: | ---: | --- |\n"
		}
		text += fmt.Sprintf("| %s | %.2f | %.3f | %.3f to %.3f | %s |\n",
			g.name, g.most, m, slices.Min(ratios), slices.Max(ratios), met)
	}
	return text
}

// median returns the middle of figures, or the mean of the two in the middle. If one is
// NaN, so is the median: a server that froze once has no typical figure.
func median(figures []float64) (m float64, ok bool) {
	s := slices.Sorted(slices.Values(figures)) // NaN first
	if len(s) == 0 || math.IsNaN(s[0]) {
		return math.NaN(), len(s) > 0
	}
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2, true
}

// number keeps what a noisy machine can tell: three digits.
func number(f float64) string {
	switch {
	case math.IsNaN(f):
		return "frozen"
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}
