package logtest

import (
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// Store is what the suite runs on: one place where logs are kept, for each test.
type Store struct {
	// Connect returns a log that is kept there, as another process would have it.
	Connect func(t *testing.T) rooms.Log

	// Alone says that all the logs that Connect returns are one, which has one follower
	// of a room at most. The tests with two processes are skipped.
	Alone bool

	// Count is how many entries are kept of a room, at least 10. 0: no limit; the test of
	// it is skipped. Nothing may grow too old during the tests.
	Count int

	// Stop takes the store away and Start brings it back, with all that it had: a server
	// that is killed, and started again at the same address. They may return before the
	// logs have noticed. Nil: the tests of outages are skipped.
	Stop, Start func(t *testing.T)

	// Snapshot notes what the store has, and returns what sets it back to that, as a
	// restored backup does: later entries are lost, and their numbers are given again.
	// Both may return before the logs have noticed. Nil: the test of that is skipped.
	Snapshot func(t *testing.T) (rewind func(t *testing.T))

	// Lose makes the store lose all that it has, and begin anew, empty. It may return
	// before the logs have noticed. Nil: the tests of that are skipped.
	Lose func(t *testing.T)
}

// Run runs the suite, each test as a subtest on a store of its own, which open makes.
// Everything that open starts it should end in t.Cleanup. The suite also passes under the
// race detector.
func Run(t *testing.T, open func(t *testing.T) Store) {
	tests := []struct {
		name string
		run  func(t *testing.T, s Store)

		outage, rewind, loss, count, others bool // what the store must have for it
	}{
		{name: "bytes are kept unchanged", run: testBytes},
		{name: "bytes are not shared", run: testOwnership},
		{name: "any string is a room", run: testNames},
		{name: "an id is appended once", run: testIDs},
		{name: "one id at the same time", run: testSameTime},
		{name: "reading after a place", run: testRead},
		{name: "unknown places", run: testUnknown},
		{name: "more than is kept", count: true, run: testCount},
		{name: "following", run: testFollow},
		{name: "following twice", run: testFollowTwice},
		{name: "no gap after following", run: testChurn},
		{name: "called from receive", run: testReentrance},
		{name: "one order", run: testOrder},
		{name: "two processes", others: true, run: testProcesses},
		{name: "an ended context", run: testEnded},
		{name: "nothing leaks", run: testLeaks},
		{name: "outage", outage: true, run: testOutage},
		{name: "set back", rewind: true, run: testRewind},
		{name: "lost and made anew", loss: true, run: testLost},
		{name: "empty again", loss: true, run: testEmptied},
		{name: "lost while it is followed", loss: true, run: testLostFollowed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t)
			switch {
			case test.outage && (s.Stop == nil || s.Start == nil):
				t.Skip("the store cannot be stopped")
			case test.rewind && s.Snapshot == nil:
				t.Skip("the store cannot be set back")
			case test.loss && s.Lose == nil:
				t.Skip("the store cannot be lost")
			case test.count && s.Count == 0:
				t.Skip("the store has no limit")
			case test.others && s.Alone:
				t.Skip("the store is for one process")
			}
			connect := s.Connect
			s.Connect = func(t *testing.T) rooms.Log { return guardLog(t, connect(t)) }
			test.run(t, s)
		})
	}
}
