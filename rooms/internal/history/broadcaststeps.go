package history

import (
	"fmt"
	"math/rand/v2"
	"sync"
)

// newGuest draws a guest. It is not in the room yet.
func (h *broadcasts) newGuest(s *site, room string) *guest {
	g := &guest{site: s, name: len(h.guests), room: room, healthy: h.rand.IntN(2) == 0}
	capacity := h.rand.IntN(4)
	if g.healthy {
		capacity = 1 << 12
	}
	g.in = make(chan string, capacity)
	h.guests = append(h.guests, g)
	return g
}

// inside returns the guests that have neither left nor died.
func (h *broadcasts) inside() []*guest {
	return filter(h.guests, func(g *guest) bool { return !g.left() })
}

func (h *broadcasts) join() string {
	if len(h.inside()) == broadcastGuests {
		return h.leave()
	}
	g := h.newGuest(pick(h.rand, h.living()), pick(h.rand, broadcastRooms))
	g.joinNow()
	return fmt.Sprint("join: ", g)
}

func (h *broadcasts) leave() string {
	inside := h.inside()
	if len(inside) == 0 {
		return "wait"
	}
	g := pick(h.rand, inside)
	g.leave(h.rand.IntN(3))
	return fmt.Sprint("leave: ", g)
}

// flurry lets some join and leave a room at the same instant, while somebody speaks, and
// one stay. Each of these goroutines yields to the others at random points.
func (h *broadcasts) flurry() string {
	s, room := pick(h.rand, h.living()), pick(h.rand, broadcastRooms)
	stays := h.newGuest(s, room)
	passers := 1 + h.rand.IntN(3)
	times := 1 + h.rand.IntN(8)
	var wg sync.WaitGroup
	for range passers {
		r := h.newRand()
		dead := h.rand.IntN(2) == 0
		wg.Go(func() { h.pass(r, s, room, times, dead) })
	}
	comes, cries := h.newRand(), h.newRand()
	wg.Go(func() {
		yield(comes.IntN(100 * times))
		stays.joinNow()
	})
	wg.Go(func() {
		for range 5 * times {
			yield(cries.IntN(8))
			s.crier.say(room)
		}
	})
	wg.Wait()
	return fmt.Sprintf("flurry of %d times %d, then stays: %v", passers, times, stays)
}

// pass joins and leaves some times. The sender of one that is dead is closed already: so
// it is removed by what is said, maybe before Join returns.
func (h *broadcasts) pass(r *rand.Rand, s *site, room string, times int, dead bool) {
	for range times {
		sender := make(chan string, 1<<12)
		if dead {
			close(sender)
		}
		yield(r.IntN(30))
		m, err := s.rooms.Join(room, sender, nil, &guest{})
		if err != nil {
			h.t.Errorf("Join = %v, want no error", err)
			return
		}
		yield(r.IntN(30))
		m.Leave()
	}
}

// stall makes a guest that is not healthy stand still, or go on.
func (h *broadcasts) stall() string {
	for _, i := range h.rand.Perm(len(h.guests)) {
		if g := h.guests[i]; !g.healthy && !g.left() {
			g.reader.toggle()
			return fmt.Sprint("stall or resume: ", g)
		}
	}
	return "wait"
}
