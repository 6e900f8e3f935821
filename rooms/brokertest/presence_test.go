package brokertest_test

import (
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
)

// Contract 13.2, for section 12: random histories of a presence on the simulated network.
func TestSimulatePresence(t *testing.T) {
	seeds.Run(t, func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			brokertest.SimulatePresence(t, seed, brokertest.NewSim(t, seed).Network())
		})
	})
}
