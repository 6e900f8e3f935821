package history

import (
	"fmt"
	"time"
)

// resumption is how long delivery may take to resume: subscribing is tried again after
// half a minute at the latest.
const resumption = 90 * time.Second

// patience is how long what is sent may take to arrive. A history that passes never waits
// for it.
const patience = 15 * time.Second

// end makes the network whole, waits until all hear each other again, and checks.
func (h *broadcasts) end() {
	h.mend()
	for _, g := range h.inside() {
		g.reader.wake()
	}
	whole := h.now()
	h.await("delivery resumes", resumption, func() string { return h.deaf(whole) })
	for _, s := range h.living() {
		s.silence()
	}
	patience := max(patience, h.network.Slowest)
	h.await("everything arrives or is told", patience, h.verdict)
	// One process alone hears itself, also while it has still to subscribe again.
	h.await("the network has the subscriptions that it should", resumption, h.unsubscribed)
	for _, g := range h.inside() {
		if g.reason() != nil {
			g.walkAway()
		} else {
			g.leave(0)
		}
	}
	h.await("nothing is left", patience, h.remains)
}

// deaf names a guest that has not heard a speaker since then.
func (h *broadcasts) deaf(since int64) string {
	for _, g := range h.inside() {
		for _, s := range h.living() {
			for _, sp := range s.speakers {
				n := g.last(sp)
				if sp != s.crier && g.reason() == nil && (n < 0 || sp.began(g.room, n) < since) {
					return fmt.Sprintf("%v has heard nothing of process %d's publisher %d",
						g, s.id, sp.id)
				}
			}
		}
	}
	return ""
}

// unsubscribed compares the subscriptions with the rooms that have members.
func (h *broadcasts) unsubscribed() string {
	want := 0
	for _, s := range h.living() {
		want += len(s.rooms.Names())
	}
	return h.network.unsubscribed(want)
}

// remains says what is left when everyone has left.
func (h *broadcasts) remains() string {
	for _, s := range h.sites {
		if got := s.rooms.Stats(); got.Rooms != 0 || got.Members != 0 || got.Behind != 0 {
			return fmt.Sprintf("process %d has %+v", s.id, got)
		}
	}
	for _, g := range h.guests {
		if n := g.late(); n > 0 {
			h.t.Errorf("%v got %d messages after Leave, want none", g, n)
		}
	}
	return h.network.left()
}
