// Package suite says what is compared with what, and runs it in rounds.
package suite

import (
	"slices"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
)

// Sizes bound a run, in time and in connections.
type Sizes struct {
	Rounds int
	Echo   int // connections of the echo scenarios
	Fan    int // members that get what one of them sends
	Idle   int // connections at rest
	Room   int // members of the large room, a tenth of which stalls
	Small  int // members of the small room, likewise
	Pace   time.Duration
	Window load.Window // of all but rooms
	InRoom load.Window // of a room, twice: at an even pace, and as fast as it goes

	Growing
}

// Growing are the sizes of the growth scenarios, rising.
type Growing struct {
	Conns   []int // connections
	Members []int // of one room
	Pairs   []int // rooms of two
}

// patience: a busy machine may halt a server for a good part of a second, and that is not
// yet a loss.
const patience = 2 * time.Second

// Full is what the published figures come from.
func Full() Sizes {
	return Sizes{
		Rounds: 3, Echo: 50, Fan: 200, Idle: 4000, Room: 1000, Small: 200,
		Pace: 40 * time.Millisecond,
		Window: load.Window{
			Warm: 400 * time.Millisecond, Measure: 2 * time.Second, Patience: patience},
		InRoom: load.Window{Measure: 3 * time.Second, Patience: patience},
		Growing: Growing{
			Conns:   []int{100, 1000, 10000, 20000},
			Members: []int{10, 100, 1000, 10000, 100000},
			Pairs:   []int{1000, 10000, 100000}},
	}
}

// Short is for a look while working: one round, and too short to argue about a tenth.
func Short() Sizes {
	s := Full()
	s.Rounds, s.Idle = 1, 1000
	s.Window = load.Window{
		Warm: 200 * time.Millisecond, Measure: 500 * time.Millisecond, Patience: patience}
	s.InRoom = load.Window{Measure: 1500 * time.Millisecond, Patience: patience}
	s.Growing = Growing{
		Conns: []int{100, 1000}, Members: []int{10, 1000}, Pairs: []int{1000, 10000}}
	return s
}

// Tiny is for tests: everything runs, and the figures mean nothing.
func Tiny() Sizes {
	return Sizes{
		Rounds: 1, Echo: 3, Fan: 5, Idle: 10, Room: 20, Small: 10,
		Pace: 5 * time.Millisecond,
		Window: load.Window{
			Warm: 10 * time.Millisecond, Measure: 50 * time.Millisecond, Patience: time.Minute},
		InRoom:  load.Window{Measure: 100 * time.Millisecond, Patience: patience / 4},
		Growing: Growing{Conns: []int{10, 20}, Members: []int{10, 100}, Pairs: []int{10, 100}},
	}
}

// others is how many files a process has open besides its connections: pipes, listeners,
// the control's connections.
const others = 100

// Files is how many files a process needs to have open for s.
func (s *Sizes) Files() uint64 {
	return uint64(slices.Max(append(s.Conns, s.Echo, s.Fan, s.Idle, s.Room, s.Small)) + others)
}

// Fit lowers the numbers of connections so that a process may have that many files open,
// and reports whether it had to.
func (s *Sizes) Fit(files uint64) (lowered bool) {
	most := max(1, int(min(files, 1<<20))-others)
	fit := func(n *int) {
		if *n > most {
			*n, lowered = most, true
		}
	}
	for _, n := range []*int{&s.Echo, &s.Fan, &s.Idle, &s.Room, &s.Small} {
		fit(n)
	}
	s.Conns = slices.Clone(s.Conns)
	for i := range s.Conns {
		fit(&s.Conns[i])
	}
	s.Conns = slices.Compact(s.Conns)
	return lowered
}
