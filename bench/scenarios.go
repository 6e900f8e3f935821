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
	row, column, server string
	load                load.Load
}

// everyone echoes. The first three know JSON. nbio is not in connect: v1.6.8 now and then
// resets a new connection before its first echo, and a reset fails the run.
var everyone = []string{"sockets", "gorilla", "gorilla in Martini", "melody",
	"coder/websocket", "lxzan/gws", "lesismal/nbio"}

// doors are the other ways into this library; "sockets" is the one in martini.Classic.
var doors = []string{"sockets on martini.New", "sockets on net/http"}

// sizes bound a run, in time and in connections.
type sizes struct {
	rounds          int
	echo, fan, idle int           // connections
	room            int           // members, a tenth of which stalls
	conns           []int         // connections of the growth scenario, rising
	pace            time.Duration // from one broadcast to a room to the next
	window          load.Window
}

// full is what the published figures come from. A busy machine may halt a server for a
// good part of a second, and that is not yet a loss.
var full = sizes{rounds: 3, echo: 50, fan: 200, idle: 4000, room: 1000,
	conns: []int{100, 1000, 10000, 19000}, pace: 40 * time.Millisecond, window: load.Window{
		Warm: 400 * time.Millisecond, Measure: 2 * time.Second, Patience: 2 * time.Second}}

// scenarios returns all of them, in the order in which they run.
func (s sizes) scenarios() []scenario {
	text := []byte("a small message, as most of them are")
	large := bytes.Repeat(
		[]byte("a line of some text or other, sixty letters in all, is this\n"), 1000)
	typed, _ := json.Marshal(serve.Message{From: "someone", Text: "a small message", Seq: 12345})
	echo := func(name, row string, servers int, path string, payload []byte, inFlight int) scenario {
		l := load.Echo(path, payload, s.echo, inFlight)
		return scenario{name, tableCPU, each(row, everyone[:servers], l)}
	}
	return []scenario{
		echo("echo", "echo, ping-pong", 7, serve.Echo, text, 1),
		echo("echo16", "echo, 16 in flight", 7, serve.Echo, text, 16),
		echo("json", "JSON, ping-pong", 3, serve.JSON, typed, 1),
		echo("json16", "JSON, 16 in flight", 3, serve.JSON, typed, 16),
		echo("large", "60 KB of text, ping-pong", 7, serve.Echo, large, 1),
		{"connect", tableCPU, each("connect, echo once, close",
			slices.Concat(everyone[:6], doors), load.Connect(serve.Echo, text, s.echo))},
		{"idle", tableCPU, each("idle connection",
			slices.Concat(everyone, doors), load.Idle(serve.Echo, text, s.idle, 0))},
		{"fan", tableFan, s.fanOut("bursts of 16", text, 16)},
		{"fan1", tableFan, s.fanOut("one at a time", text, 1)},
		{"room", tableRoom, append(s.members(0), s.members(s.room/10)...)},
		{"connections", tableConns, s.growth(text)},
	}
}

// each runs the same load in several columns. A column begins with its server.
func each(row string, columns []string, l load.Load) (entries []entry) {
	for _, c := range columns {
		server, _, _ := strings.Cut(c, ",")
		entries = append(entries, entry{row, c, server, l})
	}
	return entries
}

// inRoom runs a load in a room of this library, and in what the other columns have in its
// place.
func inRoom(row string, l func(path string) load.Load, others ...string) []entry {
	room := each(row, []string{"sockets, room"}, l(serve.Room))
	return append(room, each(row, others, l(serve.Fan))...)
}

func (s sizes) fanOut(how string, text []byte, burst int) []entry {
	l := func(path string) load.Load { return load.FanOut(path, text, s.fan, burst) }
	return inRoom("text, "+how, l, "melody", "sockets, by hand", "gorilla, by hand", "lxzan/gws")
}

// members compares rooms in which some members never read.
func (s sizes) members(stalled int) []entry {
	row := fmt.Sprintf("%d members, %d stalled", s.room, stalled)
	l := func(path string) load.Load { return load.Room(path, s.room-stalled, stalled, s.pace) }
	return inRoom(row, l, "melody", "sockets, by hand", "gorilla, by hand")
}

// growth has a column for each number of connections, and rows for two servers.
func (s sizes) growth(text []byte) (entries []entry) {
	for _, n := range s.conns {
		for _, server := range []string{"sockets", "gorilla in Martini"} {
			l := load.Idle(serve.Echo, text, n, s.echo)
			entries = append(entries, entry{server, fmt.Sprint(n), server, l})
		}
	}
	return entries
}
