package suite

import (
	"fmt"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/report"
)

// Goals returns the ratios that the library has set itself. Those whose scenarios did not run have no figures.
func Goals(s Sizes) []report.Goal {
	cpu := func(row, over, under string, max float64) report.Goal {
		return report.Goal{Text: row + ": " + over + " to " + under, Max: max,
			Over:  report.Cell{Table: tableEcho, Row: rowOf(row, load.EchoCPU), Column: over},
			Under: report.Cell{Table: tableEcho, Row: rowOf(row, load.EchoCPU), Column: under}}
	}
	fan := func(over, under string, max float64) report.Goal {
		return report.Goal{Text: "one to many: " + over + " to " + under, Max: max,
			Over:  report.Cell{Table: tableFan, Row: rowOf(rowBurst(s), load.FanCPU), Column: over},
			Under: report.Cell{Table: tableFan, Row: rowOf(rowBurst(s), load.FanCPU), Column: under}}
	}
	memory := cpu(rowIdle, "sockets", "gorilla in Martini", 1.20)
	memory.Over.Row, memory.Under.Row = rowOf(rowIdle, load.IdleMemory), rowOf(rowIdle, load.IdleMemory)
	goals := []report.Goal{
		cpu("echo, ping-pong", "sockets", "gorilla", 1.10),
		cpu(fmt.Sprintf("echo, %d in flight", s.InFlight), "sockets", "gorilla", 0.45),
		cpu("JSON, ping-pong", "sockets", "gorilla", 1.15),
		cpu(fmt.Sprintf("JSON, %d in flight", s.InFlight), "sockets", "gorilla", 0.55),
		memory,
		fan("text by hand", "melody", 0.45),
		fan("JSON by hand", "melody, JSON", 0.45),
		fan("prepared by hand", "melody", 0.25),
		fan("text, room", "text by hand", 1.00),
	}
	for _, members := range []int{s.Room, s.Small} {
		for _, figure := range []string{load.RoomP50, load.RoomP99} {
			goals = append(goals, report.Goal{
				Text:  fmt.Sprintf("room of %d, %s: a tenth stalled to none", members, figure),
				Over:  report.Cell{Table: tableRoom, Row: rowOf(rowRoom(members, members/10), figure), Column: "sockets, room"},
				Under: report.Cell{Table: tableRoom, Row: rowOf(rowRoom(members, 0), figure), Column: "sockets, room"},
				Max:   1.20})
		}
	}
	return goals
}

// rowOf is the row of a table that holds one of the figures of an entry.
func rowOf(row, figure string) string { return row + ", " + figure }
