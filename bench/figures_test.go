package main

import (
	"math"
	"strings"
	"testing"
)

// Ratios are taken within a round: their median is not that of the medians.
func TestMarkdown(t *testing.T) {
	f := &figures{of: make(map[cell][]float64)}
	for _, round := range [][2]float64{{1, 2}, {10, 20}, {300, 400}} {
		f.add(cell{tableCPU, "echo, ping-pong, µs", "sockets"}, round[0])
		f.add(cell{tableCPU, "echo, ping-pong, µs", "gorilla"}, round[1])
	}
	f.add(cell{tableCPU, "echo, ping-pong, µs", "sockets"}, 7) // gorilla has not run
	f.add(cell{tableCPU, "idle connection, KB", "gorilla"}, 123.4)
	f.add(cell{tableRoom, "p99 ms", "melody"}, math.NaN()) // it froze in one round
	f.add(cell{tableRoom, "p99 ms", "melody"}, 1)
	_, got, _ := strings.Cut(f.markdown(sizes{rounds: 3}), "within each round.\n")
	const want = `
## CPU time and memory of the server

| | sockets | gorilla |
| --- | ---: | ---: |
| echo, ping-pong, µs | 8.50 (0.50) | 20.0 (1.00) |
| idle connection, KB | | 123 (1.00) |

## Rooms with members that do not read

| | melody |
| --- | ---: |
| p99 ms | frozen |

## Goals

| | at most | measured | lowest to highest | |
| --- | ---: | ---: | ---: | --- |
| echo, ping-pong, µs: sockets to gorilla | 1.08 | 0.500 | 0.500 to 0.750 | met |
`
	if got != want {
		t.Errorf("markdown = %s\nwant %s", got, want)
	}
	if got := f.markdown(sizes{rounds: 1}); strings.Contains(got, "met |") {
		t.Errorf("markdown of one round has verdicts: %s", got)
	}
	f.of[cell{tableCPU, "echo, ping-pong, µs", "sockets"}] = []float64{3, 30, 600}
	if got := f.verdicts(); !strings.Contains(got, "1.500 to 1.500 | **not met**") {
		t.Errorf("verdicts = %s\nwant one that is not met", got)
	}
	f.add(cell{tableRoom, "1000 members, 0 stalled, p99 ms", "sockets, room"}, 10)
	f.add(cell{tableRoom, "1000 members, 100 stalled, p99 ms", "sockets, room"}, 9)
	const stalled = "sockets, room: 1000 members, p99 ms: 100 stalled to 0 stalled"
	if got := f.verdicts(); !strings.Contains(got, stalled+" | 1.20 | 0.900") {
		t.Errorf("verdicts = %s\nwant %s", got, stalled)
	}
}

// A picture is sorted, and what froze is not in it.
func TestPicture(t *testing.T) {
	f := &figures{of: make(map[cell][]float64)}
	f.add(cell{tableCPU, "idle connection, KB", "gorilla"}, 4)
	f.add(cell{tableCPU, "idle connection, KB", "sockets"}, 2)
	f.add(cell{tableCPU, "idle connection, KB", "melody"}, math.NaN())
	got := f.picture()
	ours, theirs := strings.Index(got, ">sockets<"), strings.Index(got, ">gorilla<")
	if ours < 0 || theirs < ours || strings.Contains(got, "melody") ||
		!strings.Contains(got, `bar ours" x="220"`) || !strings.Contains(got, `width="205.0"`) ||
		!strings.Contains(got, ">4.00 KB<") || !strings.Contains(got, "Less is better") {
		t.Errorf("picture = %s\nwant ours, half as long, before theirs", got)
	}
}
