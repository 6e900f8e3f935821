package history

import (
	"math/rand/v2"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// World is where a history of rooms on a log happens. The history's goroutine calls its
// functions, one at a time. A nil function means that this never happens.
type World struct {
	// Connect starts a process: its log, and what ends it as kill -9 does.
	Connect func() (log rooms.Log, kill func())

	// Break breaks something that r chooses, in a way in which a log must not lose what
	// it has acknowledged. It says what, and returns a function that mends it. Several
	// things may be broken at once.
	Break func(r *rand.Rand) (what string, mend func())

	// Drop has the log drop entries: a limit, a purge. It says what.
	Drop    func(r *rand.Rand) (what string)
	Dropped bool // it does so by itself: it keeps a small number of entries

	// Lose has the log lose what it has acknowledged, while nobody speaks and nothing is
	// broken. Lost is false if it only prepared a later loss.
	Lose func(r *rand.Rand) (what string, lost bool)

	// Last returns the last number of a room that the log has kept. The history asks for
	// it after each loss, so it is required with Lose.
	Last func(room string) uint64

	// Life returns of which life of the log a position is: Lose begins the next. Nil
	// means that it is of the one in which it was first seen. That holds if Lose waits
	// until nothing of the old one is on its way.
	Life func(room, position string) int

	// Holds returns the ids that the log has now of a room, read past the package under
	// test. The history asks at the end.
	Holds func(room string) (ids map[string]bool, err error)

	// Keeps reports whether the log has all that came after a position, for certain. The
	// history asks at the end. Nil means so for each position until the log drops one.
	Keeps func(room, position string) bool

	// Left says what is left of the processes after all were killed, "" if nothing is.
	Left func() string

	// Servers says what does not work at the log's servers, asked past the package under
	// test, "" if all does. While they do not work, what waits for them waits on.
	Servers func() string

	Steps   int // how many things happen
	Backlog int // of the rooms' Options

	Pace    time.Duration // the longest pause between two steps
	Slowest time.Duration // how much longer than it says a call may take
	Healing time.Duration // until all works again after all was mended
}
