package brokertest_test

import (
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
	"github.com/beatrichartz/martini-sockets/rooms/internal/sim"
)

// Contract 13.2, for section 12: random histories of a presence on the simulated network.
func TestSimulatePresence(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			n := history.OnSim(sim.New(t, seed))
			if seed%4 == 0 { // nothing breaks, and so no error may be told
				n.Break, n.Kills = nil, false
			}
			history.Presence(t, seed, n)
		})
	})
}
