package suite

import (
	"context"
	"fmt"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// Load is one round of one server.
type Load interface {
	Run(context.Context, load.Server) (load.Figures, error)
}

// Entry is what a scenario runs in each round, in a process of its own.
type Entry struct {
	Row, Column string // of its figures
	Server      string // a kind of package serve
	Load        Load
}

// Scenario is a comparison that can be chosen by name.
type Scenario struct {
	Name       string
	Table      string
	SendBuffer int // serve.Options
	Entries    []Entry
}

// The tables, and the column of each that ratios in it refer to.
const (
	tableEcho = "CPU time and memory of the server"
	tableFan  = "One to many: CPU time of the server a delivery"
	tableRoom = "Rooms with members that do not read"
)

// Base returns the column that the ratios in each table refer to.
func Base() map[string]string {
	return map[string]string{tableEcho: "gorilla", tableFan: "melody", tableRoom: "sockets, room"}
}

// The messages: small, as most are. json is what encoding/json makes of a serve.Message.
var (
	text = []byte("a small message, as most of them are")
	json = []byte(`{"from":"someone","text":"a small message","seq":12345}`)
)

// Scenarios returns all of them.
func Scenarios(s Sizes) []Scenario {
	return []Scenario{
		echo(s, "echo", "echo, ping-pong", serve.Echo, text, 1, everyone),
		echo(s, "echo16", fmt.Sprintf("echo, %d in flight", s.InFlight), serve.Echo, text, s.InFlight, everyone),
		echo(s, "json", "JSON, ping-pong", serve.JSON, json, 1, everyone[:3]),
		echo(s, "json16", fmt.Sprintf("JSON, %d in flight", s.InFlight), serve.JSON, json, s.InFlight, everyone[:3]),
		idle(s),
		fan(s, "fan", rowBurst(s), s.InFlight),
		fan(s, "fan1", "one at a time", 1),
		room(s, "room", s.Room),
		room(s, "stalled", s.Small),
	}
}

// everyone echoes; the first three also in JSON.
var everyone = [][2]string{{"sockets", "sockets"}, {"gorilla", "gorilla"}, {"gorilla in Martini", "classic"}, {"melody", "melody"},
	{"coder", "coder"}, {"gws", "gws"}}

func echo(s Sizes, name, row, path string, payload []byte, inflight int, who [][2]string) Scenario {
	sc := Scenario{Name: name, Table: tableEcho}
	for _, w := range who {
		sc.Entries = append(sc.Entries, Entry{row, w[0], w[1],
			load.Echo{Path: path, Payload: payload, Conns: s.Echo, InFlight: inflight, Window: s.Window}})
	}
	return sc
}

const rowIdle = "idle connection"

func idle(s Sizes) Scenario {
	sc := Scenario{Name: "idle", Table: tableEcho}
	for _, w := range everyone {
		sc.Entries = append(sc.Entries, Entry{rowIdle, w[0], w[1],
			load.Idle{Path: serve.Echo, Payload: text, Conns: s.Idle, Window: s.Window}})
	}
	return sc
}

func rowBurst(s Sizes) string { return fmt.Sprintf("bursts of %d", s.InFlight) }

func fan(s Sizes, name, row string, burst int) Scenario {
	entry := func(column, server, path string, payload []byte) Entry {
		return Entry{row, column, server, load.FanOut{Path: path, Payload: payload, Members: s.Fan, Burst: burst, Window: s.Window}}
	}
	return Scenario{Name: name, Table: tableFan, Entries: []Entry{
		entry("melody", "melody", serve.Fan, text),
		entry("text by hand", "sockets", serve.Fan, text),
		entry("text, room", "sockets", serve.Room, text),
		entry("prepared by hand", "sockets", serve.Prepared, text),
		entry("JSON by hand", "sockets", serve.FanJSON, json),
		entry("melody, JSON", "melody", serve.FanJSON, json),
		entry("gorilla by hand", "gorilla", serve.Fan, text),
		entry("gws", "gws", serve.Fan, text),
	}}
}

// room compares each server without and with a tenth of stalled members.
func room(s Sizes, name string, members int) Scenario {
	const bytes = 400
	sc := Scenario{Name: name, Table: tableRoom, SendBuffer: load.RoomSendBuffer}
	for _, stalled := range []int{0, members / 10} {
		for _, w := range []struct{ column, server, path string }{
			{"sockets, room", "sockets", serve.Room}, {"melody", "melody", serve.Fan},
			{"sockets by hand", "sockets", serve.Fan}, {"gorilla by hand", "gorilla", serve.Fan},
		} {
			sc.Entries = append(sc.Entries, Entry{rowRoom(members, stalled), w.column, w.server, load.Room{
				Path: w.path, Size: bytes, Healthy: members - stalled, Stalled: stalled, Pace: s.Pace, Burst: s.InFlight, Window: s.InRoom}})
		}
	}
	return sc
}

func rowRoom(members, stalled int) string {
	return fmt.Sprintf("%d members, %d stalled", members, stalled)
}
