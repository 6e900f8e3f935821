package suite

import "github.com/beatrichartz/martini-sockets/bench/internal/report"

// This file has every name that a reader meets: in what the bench prints, in the goals,
// in the flags and in the README files, which a test compares with it.

// The tables. Ratios in a table refer to its base column.
var (
	tableCPU   = table("cpu", "CPU time and memory of the server", gorilla)
	tableFan   = table("fan", "One to 200: CPU time of the server per delivery", melody)
	tableRoom  = table("room", "Rooms with members that do not read", socketsRoom)
	tableConns = table("connections", "Growth: open connections", "1,000")
	tableRooms = table("members", "Growth: members of one room", "1,000")
	tablePairs = table("pairs", "Growth: rooms of two", "1,000")
)

func table(id, title, base string) report.Table {
	return report.Table{ID: id, Title: title, Base: base}
}

// Tables returns all of them, in the order in which they are printed.
func Tables() []report.Table {
	return []report.Table{tableCPU, tableFan, tableRoom, tableConns, tableRooms, tablePairs}
}

// The columns: servers, and ways to use them.
const (
	sockets  = "sockets"
	gorilla  = "gorilla"
	classic  = "gorilla in Martini"
	melody   = "melody"
	coder    = "coder/websocket"
	gws      = "lxzan/gws"
	nbio     = "lesismal/nbio"
	bareHand = "sockets, by hand"
	prepared = "sockets, by hand, encoded once"

	socketsRoom  = "sockets, room"
	gorillaHand  = "gorilla, by hand"
	roomEncoding = "sockets, room, encoded once"
)

// The rows.
const (
	rowEcho       = "echo, ping-pong"
	rowEcho16     = "echo, 16 in flight"
	rowJSON       = "JSON, ping-pong"
	rowJSON16     = "JSON, 16 in flight"
	rowCompressed = "compressed, ping-pong"
	rowLarge      = "60 KB of text, ping-pong"
	rowConnect    = "connect, echo once, close"
	rowIdle       = "idle connection"

	rowTextBurst  = "text, bursts of 16"
	rowJSONBurst  = "JSON, bursts of 16"
	rowLargeBurst = "JSON of 1 KB, bursts of 16"
	rowTextOne    = "text, one at a time"
	rowJSONOne    = "JSON, one at a time"
	rowLargeOne   = "JSON of 1 KB, one at a time"
)

// inFlight is the number in the rows above.
const inFlight = 16

// about says what happens in each scenario.
var about = []struct{ name, what string }{
	{"echo", "50 connections, each sends a small message when the last has come back"},
	{"echo16", "the same with 16 messages of each connection under way all the time"},
	{"json", "as `echo`; the server decodes a struct and encodes it again"},
	{"json16", "the same with 16 under way"},
	{"compressed", "as `echo`, with permessage-deflate in both directions"},
	{"large", "as `echo`, with 60,000 bytes of text"},
	{"connect", "50 clients, each connects, echoes once, closes, and connects again"},
	{"idle", "4,000 connections that have echoed one message, at rest"},
	{"fan", "one of 200 members sends 16 messages; when all have arrived, the next 16"},
	{"fan1", "the same with one message at a time"},
	{"room", "1,000 members, of whom none or a tenth never reads"},
	{"stalled", "the same with 200 members"},
	{"connections", "with `-growth`: 100 to 20,000 connections, 50 of them in use at a time"},
	{"members", "with `-growth`: broadcasts to 10 to 100,000 channels in one room"},
	{"pairs", "with `-growth`: the same to 1,000 to 100,000 rooms of two"},
}

// Names returns the names of all scenarios.
func Names() (names []string) {
	for _, a := range about {
		names = append(names, a.name)
	}
	return names
}

// About is a Markdown list of the scenarios.
func About() (list string) {
	for _, a := range about {
		list += "- `" + a.name + "`: " + a.what + "\n"
	}
	return list
}

// rowOf is the row of a table that holds one of the figures of an entry.
func rowOf(row, figure string) string { return row + ", " + figure }
