package suite

import (
	"fmt"
	"strconv"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// Growth returns the scenarios that show whether cost rises with numbers. Their columns
// are those numbers.
func Growth(s Sizes) []Scenario {
	conns := Scenario{Name: "connections", Table: tableConns}
	for _, n := range s.Conns {
		for _, w := range [][2]string{everyone[0], everyone[2]} {
			conns.Entries = append(conns.Entries, Entry{w[0], thousands(n), w[1], load.Many{
				Path: serve.Echo, Payload: text, Conns: n, AtOnce: s.Echo, Window: s.Window}})
		}
	}
	members := Scenario{Name: "members", Table: tableRooms}
	for _, n := range s.Members {
		members.Entries = append(members.Entries, Entry{"", thousands(n), "",
			load.Members{Rooms: 1, Each: n, Window: s.Window}})
	}
	pairs := Scenario{Name: "pairs", Table: tablePairs}
	for _, n := range s.Pairs {
		pairs.Entries = append(pairs.Entries, Entry{"", thousands(n), "",
			load.Members{Rooms: n, Each: 2, Window: s.Window}})
	}
	return []Scenario{conns, members, pairs}
}

// thousands writes 20000 as 20,000.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
