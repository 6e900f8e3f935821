// Package suite says what is compared with what, and runs it in rounds.
package suite

import (
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/load"
)

// Sizes bound a run, in time and in connections.
type Sizes struct {
	Rounds   int
	Echo     int // connections of the echo scenarios
	InFlight int // messages under way on each, where it is not one
	Fan      int // members that get what one of them sends
	Idle     int // connections at rest
	Room     int // members of the large room, a tenth of which stalls
	Small    int // members of the small room, likewise
	Pace     time.Duration
	Window   load.Window // of echo and fan-out
	InRoom   load.Window // of a room, twice: at an even pace, and as fast as it goes
}

// patience: a busy machine may halt a server for a good part of a second, and that is not yet a loss.
const patience = 2 * time.Second

// Full is what the published figures come from.
func Full() Sizes {
	return Sizes{Rounds: 3, Echo: 50, InFlight: 16, Fan: 200, Idle: 4000, Room: 1000, Small: 200, Pace: 40 * time.Millisecond,
		Window: load.Window{Warm: 400 * time.Millisecond, Measure: 2 * time.Second, Patience: patience},
		InRoom: load.Window{Measure: 4 * time.Second, Patience: patience}}
}

// Short is for a look while working: one round, and too short to argue about a tenth.
func Short() Sizes {
	s := Full()
	s.Rounds, s.Idle = 1, 1000
	s.Window = load.Window{Warm: 200 * time.Millisecond, Measure: 500 * time.Millisecond, Patience: patience}
	s.InRoom = load.Window{Measure: 1500 * time.Millisecond, Patience: patience}
	return s
}

// Tiny is for tests: everything runs, and the figures mean nothing.
func Tiny() Sizes {
	return Sizes{Rounds: 1, Echo: 3, InFlight: 4, Fan: 5, Idle: 10, Room: 20, Small: 10, Pace: 5 * time.Millisecond,
		Window: load.Window{Warm: 10 * time.Millisecond, Measure: 50 * time.Millisecond, Patience: patience},
		InRoom: load.Window{Measure: 100 * time.Millisecond, Patience: patience / 4}}
}

// Fit lowers the numbers of connections so that a process may have that many files open, and tells whether it had to.
func (s *Sizes) Fit(files uint64) (lowered bool) {
	const others = 100 // pipes, listeners, the control's connections
	most := max(1, int(min(files, 1<<20))-others)
	for _, n := range []*int{&s.Echo, &s.Fan, &s.Idle, &s.Room, &s.Small} {
		if *n > most {
			*n, lowered = most, true
		}
	}
	return lowered
}
