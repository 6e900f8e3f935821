package brokertest_test

import (
	"testing"
	"testing/synctest"

	"github.com/beatrichartz/martini-sockets/rooms/brokertest"
	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
)

// Contract 13.2, for sections 9 and 10: random histories on the simulated network.
func TestSimulate(t *testing.T) {
	seeds.Run(t, func(t *testing.T, seed uint64) {
		synctest.Test(t, func(t *testing.T) {
			n := history.OnSim(brokertest.NewSim(t, seed))
			if seed%4 == 0 { // nothing breaks, and so nothing may be missed or told
				n.Break, n.Kill = nil, nil
			}
			history.Broadcasts(t, seed, n)
		})
	})
}
