package history

import (
	"fmt"
	"time"
)

// lookers is how many clients come at the end with some position of a room.
const lookers = 12

// end mends the world, waits until all works and everybody has the end, and checks.
func (h *history) end() {
	h.note(h.mend() + " for good")
	c := &client{h: h, id: clients, room: roomNames[0], rand: h.rand}
	for _, p := range h.living() {
		what := fmt.Sprintf("process %d works again", p.id)
		h.await(what, h.world.Healing, func() string { return c.works(p) })
	}
	close(h.silent)
	h.speaking.Wait()
	for _, room := range roomNames {
		h.await("the end is said", h.world.Healing, func() string {
			if s := h.say(h.living()[0], room, lastWord, time.Second); s.err != nil {
				return s.err.Error()
			}
			return ""
		})
	}
	h.await("all clients have the end, or are told", h.world.Healing, func() string {
		for _, c := range h.clients {
			if waits := c.waits(); waits != "" {
				return waits
			}
		}
		return ""
	})
	h.check(append(h.look(), h.visits()...))
	for _, p := range h.living() {
		close(p.dead)
		p.end()
	}
	h.visiting.Wait() // a client that waited has lost its process
	if h.world.Left != nil {
		h.await("nothing is left", h.world.Healing, h.world.Left)
	}
}

// works says why a process does not work.
func (c *client) works(p *process) string {
	// Others speak at the same time, and on a busy machine it waits for them.
	id, patience := fmt.Sprint("works", p.id, c.h.rand.Uint32()), c.h.world.Slowest
	s := c.h.say(p, c.room, id, patience)
	if s.err != nil {
		return s.err.Error()
	}
	begun := time.Now()
	v, m := c.h.join(c, p, s.at, make(chan *Text, 1000), make(chan int, 1))
	if v == nil {
		return fmt.Sprintf("JoinAfter fails after %v: %v", time.Since(begun), c.failed)
	}
	m.Leave()
	return ""
}

// look has clients come after any position, also of a log that was lost.
func (h *history) look() (visits []*visit) {
	for _, room := range roomNames {
		c := &client{h: h, id: clients + 1, room: room, rand: h.rand}
		for i := range lookers {
			after := ""
			if i > 0 {
				after = h.ledger.anyPlace(h.rand, room)
			}
			var v *visit
			var m *member
			h.await(fmt.Sprintf("JoinAfter %q in %q", after, room), h.world.Healing, func() string {
				if v, m = h.join(c, pick(h.rand, h.living()), after, make(chan *Text, 1000),
					make(chan int, 1)); v == nil {
					return c.failed.Error()
				}
				return ""
			})
			if v == nil {
				return visits
			}
			m.Leave()
			v.end("looked only")
			visits = append(visits, v)
		}
	}
	return visits
}
