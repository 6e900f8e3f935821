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
// one stay.
func (h *broadcasts) flurry() string {
	s, room := pick(h.rand, h.living()), pick(h.rand, broadcastRooms)
	stays := h.newGuest(s, room)
	passers := 1 + h.rand.IntN(3)
	times := 1 + h.rand.IntN(8)
	var wg sync.WaitGroup
	for range passers {
		c := h.newCrowding()
		dead := h.rand.IntN(2) == 0
		wg.Go(func() { c.pass(s, room, times, dead) })
	}
	last := h.newCrowding()
	wg.Go(func() {
		yield(last.rand.IntN(100 * times))
		stays.joinNow()
	})
	c := h.newCrowding()
	wg.Go(func() {
		for range 5 * times {
			yield(c.rand.IntN(8))
			s.crier.say(room)
		}
	})
	wg.Wait()
	return fmt.Sprintf("flurry of %d times %d, then stays: %v", passers, times, stays)
}

// crowding is one goroutine of a flurry. It lets the others run at drawn points.
type crowding struct {
	h    *broadcasts
	rand *rand.Rand
}

func (h *broadcasts) newCrowding() *crowding {
	return &crowding{h: h, rand: rand.New(rand.NewPCG(h.rand.Uint64(), 5))}
}

func (c *crowding) yield() { yield(c.rand.IntN(30)) }

// pass joins and leaves some times. The sender of one that is dead is closed already: so
// it is removed by what is said, maybe before Join returns.
func (c *crowding) pass(s *site, room string, times int, dead bool) {
	for range times {
		sender := make(chan string, 1<<12)
		if dead {
			close(sender)
		}
		c.yield()
		m, err := s.rooms.Join(room, sender, nil, &guest{})
		if err != nil {
			c.h.t.Errorf("Join = %v, want no error", err)
			return
		}
		c.yield()
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
