package history

import (
	"fmt"
	"sync/atomic"
	"testing"
)

// The size of a history.
const (
	broadcastSteps  = 60
	broadcastSites  = 4  // processes that live at the same time, at most
	broadcastGuests = 20 // members that are there at the same time, at most
)

var broadcastRooms = []string{"lobby", "", "a.b.*", ">", "a b", "部屋"}

// Broadcasts runs a random history of rooms on a network, chosen by the seed: processes
// start and are killed; members join, leave, are slow or stop reading; publishers
// publish; the network breaks and is repaired. Then it checks that each member got
//
//   - each publisher's messages in order, none twice, none from before its Join,
//   - everything broadcast in its own process, at once, unless it was disconnected,
//   - everything from other processes, unless Broadcast or OnError reported a loss,
//   - nothing after Leave has returned,
//   - the newest of each key, in half of the histories: a slow member may miss the others,
//     and who joins may get it though it is of before,
//   - everything, and no error, on a network without Break and Kills,
//   - messages of all processes again, once the network is repaired.
//
// At the end no subscription and no goroutine of the rooms may be left. A failure prints
// the last steps. Run it with many seeds, see [SeedFlags].
func Broadcasts(t *testing.T, seed uint64, n Network) {
	h := &broadcasts{run: newRun(t, seed, 1, n.Pace), network: n}
	h.keys = keysOf(seed)
	h.breaks, h.calm = n.Break, n.Break == nil && !n.Kills && !n.Lossy
	h.start()
	h.take(broadcastSteps, h.step)
	h.end()
}

// broadcasts is one run of Broadcasts.
type broadcasts struct {
	*run
	keys
	network Network
	calm    bool         // nothing breaks, and so nothing may be missed or told
	clock   atomic.Int64 // counts what happens, so that it has an order

	sites  []*site // those killed included
	guests []*guest
}

func (h *broadcasts) now() int64 { return h.clock.Add(1) }

func (h *broadcasts) step() string {
	switch n := h.rand.IntN(100); {
	case n < 25:
		return h.join()
	case n < 40:
		return h.leave()
	case n < 55:
		return h.flurry()
	case n < 65:
		return h.stall()
	case n < 80:
		return h.breakOrMend()
	case n < 85:
		return h.kill()
	case n < 90:
		return h.start()
	}
	return "wait"
}

func (h *broadcasts) start() string {
	if len(h.living()) == broadcastSites {
		return "wait"
	}
	s := newSite(h, len(h.sites))
	h.sites = append(h.sites, s)
	return fmt.Sprint("start process ", s.id)
}

// kill ends a process, but not the last one.
func (h *broadcasts) kill() string {
	living := h.living()
	if !h.network.Kills || len(living) < 2 {
		return h.start()
	}
	s := pick(h.rand, living)
	s.kill()
	return fmt.Sprint("kill process ", s.id)
}

func (h *broadcasts) living() []*site {
	return filter(h.sites, func(s *site) bool { return !s.killed })
}
