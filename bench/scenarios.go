package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// scenario is a comparison that can be chosen by name; README.md says what happens in it.
type scenario struct {
	name    string
	table   table
	entries []entry
}

// entry is what a scenario runs in each round, against a server of its own.
type entry struct {
	row, column string
	load        load.Load
}

// server is the one that a column names, or the row if the columns are numbers.
func (e entry) server() string {
	name, _, _ := strings.Cut(e.column, ",")
	if !serve.Knows(name) {
		return e.row
	}
	return name
}

// everyone echoes. The first three know JSON, the first two compress. nbio is not in
// connect: v1.6.8 now and then resets a new connection before its first echo, and a reset
// fails the run.
var everyone = []string{"sockets", "gorilla", "gorilla in Martini", "melody",
	"coder/websocket", "lxzan/gws", "lesismal/nbio"}

// doors are the ways into this library.
var doors = []string{"sockets", "sockets on martini.New", "sockets on net/http"}

// sizes bound a run, in time and in connections.
type sizes struct {
	rounds          int
	echo, fan, idle int           // connections
	rooms           []int         // members of a room, a tenth of which stalls
	conns           []int         // connections of the growth scenario, rising
	pace            time.Duration // from one broadcast to a room to the next
	window          load.Window
}

// full is what the published figures come from. A busy machine may halt a server for a
// good part of a second, and that is not yet a loss.
var full = sizes{rounds: 3, echo: 50, fan: 200, idle: 4000, rooms: []int{1000, 200},
	conns: []int{100, 1000, 10000, 19000}, pace: 40 * time.Millisecond, window: load.Window{
		Warm: 400 * time.Millisecond, Measure: 2 * time.Second, Patience: 2 * time.Second}}

// scenarios returns all of them, in the order in which they run.
func (s sizes) scenarios() []scenario {
	text := []byte("a small message, as most of them are")
	large := bytes.Repeat(
		[]byte("a line of some text or other, sixty letters in all, is this\n"), 1000)
	echo := func(name, row string, servers int, path string, payload []byte, inFlight int) scenario {
		l := load.Echo(path, payload, s.echo, inFlight)
		return scenario{name, tableCPU, each(row, everyone[:servers], l)}
	}
	idle := append(everyone[:7:7], "sockets on martini.New")
	return []scenario{
		echo("echo", "echo, ping-pong", 7, serve.Echo, text, 1),
		echo("echo16", "echo, 16 in flight", 7, serve.Echo, text, 16),
		echo("json", "JSON, ping-pong", 3, serve.JSON, message("a small message"), 1),
		echo("json16", "JSON, 16 in flight", 3, serve.JSON, message("a small message"), 16),
		echo("compressed", "compressed, ping-pong", 2, serve.Compressed, text, 1),
		echo("large", "60 KB of text, ping-pong", 7, serve.Echo, large, 1),
		{"connect", tableCPU, each("connect, echo once, close", everyone[:6],
			load.Connect(serve.Echo, text, s.echo))},
		{"idle", tableCPU, each("idle connection", idle, load.Idle(serve.Echo, text, s.idle, 0))},
		{"doors", tableCPU, slices.Concat(
			each("doors: echo, ping-pong", doors, load.Echo(serve.Echo, text, s.echo, 1)),
			each("doors: connect, echo once, close", doors, load.Connect(serve.Echo, text, s.echo)),
			each("doors: idle connection", doors, load.Idle(serve.Echo, text, s.idle, 0)))},
		{"fan", tableFan, s.fanOut("bursts of 16", text, 16)},
		{"fan1", tableFan, s.fanOut("one at a time", text, 1)},
		{"room", tableRoom, s.room(s.rooms[0])},
		{"stalled", tableRoom, s.room(s.rooms[1])},
		{"connections", tableConns, s.growth(text)},
	}
}

// message is what encoding/json makes of a serve.Message.
func message(text string) []byte {
	p, _ := json.Marshal(serve.Message{From: "someone", Text: text, Seq: 12345})
	return p
}

// each runs the same load in several columns.
func each(row string, columns []string, l load.Load) (entries []entry) {
	for _, c := range columns {
		entries = append(entries, entry{row, c, l})
	}
	return entries
}

// fanOut sends the same bytes through all servers of a row.
func (s sizes) fanOut(how string, text []byte, burst int) (entries []entry) {
	add := func(what, path string, payload []byte, columns ...string) {
		l := load.FanOut(path, payload, s.fan, burst)
		entries = append(entries, each(what+", "+how, columns, l)...)
	}
	add("text", serve.Fan, text, "melody")
	add("text", serve.Room, text, "sockets, room")
	add("text", serve.Fan, text, "sockets, by hand", "gorilla, by hand", "lxzan/gws")
	add("text", serve.Prepared, text, "sockets, by hand, encoded once")
	small, large := message("a small message"), message(strings.Repeat("a kilobyte of text ", 52))
	add("JSON", serve.FanJSON, small, "melody", "sockets, by hand")
	add("JSON", serve.RoomJSON, small, "sockets, room, encoded once")
	add("JSON of 1 KB", serve.FanJSON, large, "melody", "sockets, by hand")
	add("JSON of 1 KB", serve.RoomJSON, large, "sockets, room, encoded once")
	return entries
}

// room compares each server without and with a tenth of stalled members.
func (s sizes) room(members int) (entries []entry) {
	for _, stalled := range []int{0, members / 10} {
		row := fmt.Sprintf("%d members, %d stalled", members, stalled)
		entries = append(entries,
			entry{row, "sockets, room", load.Room(serve.Room, members-stalled, stalled, s.pace)})
		entries = append(entries, each(row, []string{"melody", "sockets, by hand",
			"gorilla, by hand"}, load.Room(serve.Fan, members-stalled, stalled, s.pace))...)
	}
	return entries
}

// growth has a column for each number of connections, and rows for two servers.
func (s sizes) growth(text []byte) (entries []entry) {
	for _, n := range s.conns {
		l := load.Idle(serve.Echo, text, n, s.echo)
		entries = append(entries, entry{"sockets", fmt.Sprint(n), l},
			entry{"gorilla in Martini", fmt.Sprint(n), l})
	}
	return entries
}
