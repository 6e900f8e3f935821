//go:build linux

package cluster_test

import (
	"math/rand/v2"
	"testing"

	"github.com/beatrichartz/martini-sockets/rooms/internal/history"
)

var seeds = history.SeedFlags(1, 1)

// Contract 13.2, for section 11 on a cluster. The seed draws what the stream is like, and
// what may happen to it, so that one fault does not hide the others.
func TestHistories(t *testing.T) {
	t.Parallel()
	seeds.Run(t, func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 23))
		w := newWorld(t, 3, logOptions{
			Replicas: []int{1, 3, 3}[r.IntN(3)],
			Memory:   r.IntN(4) == 0,
			Count:    []int{12, 300, 1000}[r.IntN(3)],
		})
		happens := w.world()
		w.clocks = r.IntN(3) == 0
		if r.IntN(2) == 0 {
			happens.Drop = nil
		}
		if r.IntN(2) == 0 {
			happens.Lose = nil
		}
		happens.Dropped = w.options.Count < 300
		t.Logf("%+v, clocks %v, drops %v, losses %v", w.options, w.clocks,
			happens.Drop != nil, happens.Lose != nil)
		history.Log(t, seed, happens)
	})
}
