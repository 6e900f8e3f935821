package brokertest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// The size of a history.
const (
	historySteps  = 60
	historySites  = 4  // processes that live at the same time, at most
	historyGuests = 20 // members that are there at the same time, at most
)

var historyRooms = []string{"lobby", "", "a.b.*", ">", "a b", "部屋"}

// Simulate runs a random history of rooms on a network, chosen by the seed: processes
// start and are killed; members join, leave, are slow or stop reading; publishers
// publish; the network breaks and is repaired. Then it checks that each member got
//
//   - each publisher's messages in order, none twice, none from before its Join,
//   - everything broadcast in its own process, at once, unless it was disconnected,
//   - everything from other processes, unless Broadcast or OnError reported a loss,
//   - nothing after Leave has returned,
//   - everything, and no error, on a network without Break and Kill,
//   - messages of all processes again, once the network is repaired.
//
// At the end no subscription and no goroutine of the rooms may be left. A failure prints
// the last steps. Run Simulate with many seeds, see [SeedFlags]; with [Sim], run it in a
// testing/synctest bubble.
func Simulate(t *testing.T, seed uint64, n Network) {
	n.Pace = cmp.Or(n.Pace, time.Second)
	n.Slowest = cmp.Or(n.Slowest, time.Second)
	h := &history{t: t, network: n, rand: rand.New(rand.NewPCG(seed, 1))}
	h.calm = n.Break == nil && n.Kill == nil && !n.Lossy
	t.Cleanup(h.show)
	h.start()
	for range historySteps {
		h.note(h.step())
		h.pause()
	}
	h.end()
}

// history is one run of Simulate. Its steps are taken by one goroutine.
type history struct {
	t       *testing.T
	network Network
	rand    *rand.Rand
	calm    bool         // nothing breaks, and so nothing may be missed or told
	clock   atomic.Int64 // counts what happens, so that it has an order

	sites  []*site // those killed included
	guests []*guest
	broken []func() // mends
	steps  []string
}

func (h *history) now() int64 { return h.clock.Add(1) }

func (h *history) note(step string) { h.steps = append(h.steps, step) }

func (h *history) pause() { time.Sleep(draw(h.rand, h.network.Pace)) }

// draw returns up to d, and at least a nanosecond: so it is not the same instant again.
func draw(r *rand.Rand, d time.Duration) time.Duration {
	return 1 + time.Duration(r.Int64N(int64(d)))
}

// show prints the steps of a history that has failed.
func (h *history) show() {
	if h.t.Failed() {
		h.t.Logf("the steps:\n\t%s", strings.Join(h.steps, "\n\t"))
	}
}

func (h *history) step() string {
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

func (h *history) start() string {
	if len(h.living()) == historySites {
		return "wait"
	}
	s := newSite(h, len(h.sites))
	h.sites = append(h.sites, s)
	return fmt.Sprint("start process ", s.id)
}

// kill ends a process, but not the last one.
func (h *history) kill() string {
	living := h.living()
	if h.network.Kill == nil || len(living) < 2 {
		return h.start()
	}
	s := pick(h.rand, living)
	s.kill()
	return fmt.Sprint("kill process ", s.id)
}

func (h *history) breakOrMend() string {
	if h.network.Break == nil {
		return h.start()
	}
	if len(h.broken) > 0 && h.rand.IntN(2) == 0 {
		h.mend()
		return "mend"
	}
	what, mend := h.network.Break(h.rand)
	h.broken = append(h.broken, mend)
	return "break: " + what
}

func (h *history) mend() {
	for _, mend := range h.broken {
		mend()
	}
	h.broken = nil
}

func (h *history) living() (all []*site) {
	for _, s := range h.sites {
		if !s.killed {
			all = append(all, s)
		}
	}
	return all
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }
