package suite

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/report"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// Load is one round of one server.
type Load interface {
	Run(context.Context, load.Server) (load.Figures, error)
}

// Entry is what a scenario runs in each round, in a process of its own.
type Entry struct {
	Row, Column string // of its figures; without a row, their names are the rows
	Server      string // a kind of package serve; empty where the load needs none
	Load        Load
}

// Scenario is a comparison that can be chosen by name.
type Scenario struct {
	Name       string
	Table      report.Table
	SendBuffer int // serve.Options
	Entries    []Entry
}

// The messages. Most are small; each JSON is what encoding/json makes of a serve.Message.
var (
	text      = []byte("a small message, as most of them are")
	largeText = []byte(strings.Repeat(sixty, 1000))
	smallJSON = message("a small message")
	largeJSON = message(strings.Repeat("a kilobyte of text ", 52))
)

const sixty = "a line of some text or other, sixty letters in all, is this\n"

func message(text string) []byte {
	p, err := json.Marshal(serve.Message{From: "someone", Text: text, Seq: 12345})
	if err != nil {
		panic(err) // it is a struct of strings
	}
	return p
}

// The servers: the column of each, and the kind of package serve. All echo; the first two
// also compress, the first three also know JSON. All but nbio also come and go: nbio
// v1.6.8 now and then resets a new connection before its first echo, and a reset fails
// the run.
var (
	everyone = [][2]string{{sockets, "sockets"}, {gorilla, "gorilla"}, {classic, "classic"},
		{melody, "melody"}, {coder, "coder"}, {gws, "gws"}, {nbio, "nbio"}}
	coming      = everyone[:6]
	compressing = everyone[:2]
	knowingJSON = everyone[:3]
)

// Scenarios returns all of an ordinary run.
func Scenarios(s Sizes) []Scenario {
	echo := load.Echo{Path: serve.Echo, Payload: text, Conns: s.Echo, InFlight: 1, Window: s.Window}
	echo16, large, compressed, json := echo, echo, echo, echo
	echo16.InFlight = inFlight
	large.Payload = largeText
	compressed.Path, compressed.Deflate = serve.Compressed, true
	json.Path, json.Payload = serve.JSON, smallJSON
	json16 := json
	json16.InFlight = inFlight
	connect := load.Connect{Path: serve.Echo, Payload: text, AtOnce: s.Echo, Window: s.Window}
	idle := load.Idle{Path: serve.Echo, Payload: text, Conns: s.Idle, Window: s.Window}
	return []Scenario{
		each("echo", rowEcho, everyone, echo),
		each("echo16", rowEcho16, everyone, echo16),
		each("json", rowJSON, knowingJSON, json),
		each("json16", rowJSON16, knowingJSON, json16),
		each("compressed", rowCompressed, compressing, compressed),
		each("large", rowLarge, everyone, large),
		each("connect", rowConnect, coming, connect),
		each("idle", rowIdle, everyone, idle),
		fan(s, "fan", inFlight, rowTextBurst, rowJSONBurst, rowLargeBurst),
		fan(s, "fan1", 1, rowTextOne, rowJSONOne, rowLargeOne),
		room(s, "room", s.Room),
		room(s, "stalled", s.Small),
	}
}

// each runs the same load against several servers.
func each(name, row string, who [][2]string, l Load) Scenario {
	sc := Scenario{Name: name, Table: tableCPU}
	for _, w := range who {
		sc.Entries = append(sc.Entries, Entry{row, w[0], w[1], l})
	}
	return sc
}

// fan sends the same bytes through all servers of a row.
func fan(s Sizes, name string, burst int, text3, json3, large3 string) Scenario {
	entry := func(row, column, server, path string, payload []byte) Entry {
		return Entry{row, column, server, load.FanOut{
			Path: path, Payload: payload, Members: s.Fan, Burst: burst, Window: s.Window}}
	}
	sc := Scenario{Name: name, Table: tableFan, Entries: []Entry{
		entry(text3, melody, "melody", serve.Fan, text),
		entry(text3, socketsRoom, "sockets", serve.Room, text),
		entry(text3, bareHand, "sockets", serve.Fan, text),
		entry(text3, prepared, "sockets", serve.Prepared, text),
		entry(text3, gorillaHand, "gorilla", serve.Fan, text),
		entry(text3, gws, "gws", serve.Fan, text),
	}}
	for _, m := range []struct {
		row     string
		payload []byte
	}{{json3, smallJSON}, {large3, largeJSON}} {
		sc.Entries = append(sc.Entries,
			entry(m.row, melody, "melody", serve.FanJSON, m.payload),
			entry(m.row, bareHand, "sockets", serve.FanJSON, m.payload),
			entry(m.row, roomEncoding, "sockets", serve.RoomJSON, m.payload))
	}
	return sc
}

// room compares each server without and with a tenth of stalled members.
func room(s Sizes, name string, members int) Scenario {
	const bytes = 400
	sc := Scenario{Name: name, Table: tableRoom, SendBuffer: load.RoomSendBuffer}
	for _, stalled := range []int{0, members / 10} {
		for _, w := range []struct{ column, server, path string }{
			{socketsRoom, "sockets", serve.Room}, {melody, "melody", serve.Fan},
			{bareHand, "sockets", serve.Fan}, {gorillaHand, "gorilla", serve.Fan},
		} {
			sc.Entries = append(sc.Entries, Entry{rowRoom(members, stalled), w.column, w.server,
				load.Room{Path: w.path, Size: bytes, Healthy: members - stalled, Stalled: stalled,
					Pace: s.Pace, Burst: inFlight, Window: s.InRoom}})
		}
	}
	return sc
}

func rowRoom(members, stalled int) string {
	return fmt.Sprintf("%d members, %d stalled", members, stalled)
}
