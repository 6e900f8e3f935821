package suite

import (
	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/report"
)

// Goals returns the ratios that the library has set itself. Those whose scenarios did not
// run have no figures.
func Goals(s Sizes) []report.Goal {
	goals := []report.Goal{
		ratio(tableCPU, rowOf(rowConnect, load.ConnectCPU), sockets, classic, 1.12),
		absolute(tableCPU, rowOf(rowConnect, load.ConnectAllocs), sockets, 150),
		absolute(tableCPU, rowOf(rowConnect, load.ConnectBytes), sockets, 19),
		ratio(tableCPU, rowOf(rowLarge, load.EchoCPU), sockets, gorilla, 0.35),
		ratio(tableCPU, rowOf(rowEcho, load.EchoCPU), sockets, gorilla, 1.08),
		ratio(tableCPU, rowOf(rowEcho16, load.EchoCPU), sockets, gorilla, 0.45),
		ratio(tableCPU, rowOf(rowJSON, load.EchoCPU), sockets, gorilla, 1.10),
		ratio(tableCPU, rowOf(rowJSON16, load.EchoCPU), sockets, gorilla, 0.55),
		ratio(tableCPU, rowOf(rowCompressed, load.EchoCPU), sockets, gorilla, 1.00),
		ratio(tableCPU, rowOf(rowIdle, load.IdleMemory), sockets, classic, 1.20),
		ratio(tableFan, rowOf(rowTextOne, load.FanCPU), socketsRoom, melody, 1.00),
		ratio(tableFan, rowOf(rowLargeOne, load.FanCPU), roomEncoding, melody, 1.00),
		ratio(tableFan, rowOf(rowLargeBurst, load.FanCPU), roomEncoding, melody, 0.30),
		ratio(tableFan, rowOf(rowTextBurst, load.FanCPU), bareHand, melody, 0.45),
		ratio(tableFan, rowOf(rowJSONBurst, load.FanCPU), bareHand, melody, 0.45),
		ratio(tableFan, rowOf(rowTextBurst, load.FanCPU), prepared, melody, 0.25),
		ratio(tableFan, rowOf(rowTextBurst, load.FanCPU), socketsRoom, bareHand, 1.00),
	}
	for _, members := range []int{s.Room, s.Small} {
		for _, figure := range []string{load.RoomP50, load.RoomP99} {
			stalled := rowOf(rowRoom(members, members/10), figure)
			none := rowOf(rowRoom(members, 0), figure)
			goals = append(goals, report.Goal{
				Text:  socketsRoom + ": " + stalled + " to " + none,
				Over:  report.Cell{Table: tableRoom.ID, Row: stalled, Column: socketsRoom},
				Under: report.Cell{Table: tableRoom.ID, Row: none, Column: socketsRoom},
				Max:   1.20})
		}
	}
	return goals
}

// ratio is a goal for one column of a row beside another.
func ratio(t report.Table, row, over, under string, most float64) report.Goal {
	return report.Goal{
		Text:  row + ": " + over + " to " + under,
		Over:  report.Cell{Table: t.ID, Row: row, Column: over},
		Under: report.Cell{Table: t.ID, Row: row, Column: under},
		Max:   most}
}

// absolute is a goal for a figure that no disturbance of the machine changes.
func absolute(t report.Table, row, column string, most float64) report.Goal {
	return report.Goal{
		Text: row + ": " + column,
		Over: report.Cell{Table: t.ID, Row: row, Column: column},
		Max:  most}
}
