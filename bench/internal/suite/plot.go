package suite

import (
	"io"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/report"
)

// Plot writes the picture of the README: where the library gains most, and where it costs
// something.
func Plot(w io.Writer, b *report.Board) error {
	echo := func(row string) report.Group {
		return group(tableCPU, row, load.EchoCPU, sockets, gorilla, classic, melody, coder, gws)
	}
	return b.Plot(w, "CPU time of the server for each message, in microseconds", []report.Group{
		echo(rowEcho16),
		group(tableCPU, rowJSON16, load.EchoCPU, sockets, gorilla, classic),
		group(tableFan, rowTextBurst, load.FanCPU, socketsRoom, melody, gorillaHand, gws),
		echo(rowEcho),
		group(tableCPU, rowConnect, load.ConnectCPU, sockets, gorilla, classic, melody, coder, gws),
	})
}

// group compares columns of one row; the first is ours.
func group(t report.Table, row, figure string, columns ...string) report.Group {
	g := report.Group{Title: row}
	if t.ID == tableFan.ID {
		g.Title = "one to 200, " + row
	}
	for i, column := range columns {
		g.Bars = append(g.Bars, report.Bar{Label: column, Ours: i == 0,
			Cell: report.Cell{Table: t.ID, Row: rowOf(row, figure), Column: column}})
	}
	return g
}
